"""Reductions in the time loop: the loop of each, and the moments at which it is formed."""

from __future__ import annotations

from dataclasses import dataclass

from bnsyn_dsl.codegen.numba.network_learning import rule_call
from bnsyn_dsl.codegen.numba.printer import Printer
from bnsyn_dsl.codegen.shape import NetworkShape, ReductionShape

__all__ = ["ReductionView", "reduction_view"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReductionView:
    """One reduction: over pools or neurons by the first thread, over synapses by all.

    `moved` says in which steps it is formed when all have moved and before modulators react,
    `reacted` afterwards: nothing stands for all steps, None for no step. `at_begin`: it is formed
    before the first step of a call as well.
    """

    number: int
    op: str
    learning: int | None
    arguments: str
    load: tuple[str, ...]
    body: tuple[str, ...]
    value: str
    settle: str
    at_begin: bool
    moved: str | None
    reacted: str | None


def reduction_view(
    number: int, shape: ReductionShape, network: NetworkShape, printer: Printer
) -> ReductionView:
    """Return the loop of one reduction."""
    wire = shape.wire
    load = [f"{ident} = par[{k}]" for k, (ident, _) in enumerate(wire.parameters)]
    arrays = []
    for ident, array, row in wire.members:
        if shape.learning is None:  # what is read of synapses is the first argument, `values`
            arrays.append(array)
        load.append(f"{ident} = {array}[{'i' if row is None else f'{row}, i'}]")
    settle = ""
    if shape.learning is not None:
        rule = network.learning[shape.learning].rule
        base = f"learning{shape.learning}_base[0]"
        n = f"step_end - {base}" if rule.strategy != "swept" else "0"
        settle = rule_call(
            shape.learning, "settle", rule, n=n, out=f"learning{shape.learning}_settled"
        )
    moved, reacted = _moments(number, shape, network)
    return ReductionView(
        number=number,
        op=shape.op.removesuffix("_of"),
        learning=shape.learning,
        arguments=", ".join(dict.fromkeys(arrays)),
        load=tuple(load),
        body=tuple(printer.lets(wire.lets)),
        value=printer.expr(wire.value),
        settle=settle,
        at_begin=shape.clocks is None,
        moved=moved,
        reacted=reacted,
    )


def _moments(
    number: int, shape: ReductionShape, network: NetworkShape
) -> tuple[str | None, str | None]:
    """Return the conditions for forming a reduction when all have moved, and after handlers.

    Handlers of modulators read what was there before them, everything else what they left: what
    they write is reduced twice. The last step of a call is among those after which there are
    observers: what is read between two calls is what there is.
    """
    reacting = [k for k, one in enumerate(network.pools) if one.pool.on_spike or one.pool.clocks]
    arrays = {array for _, array, _ in shape.wire.members}
    clocks, observed = _clocks_due(shape), _observed(number, network)
    if not any(f"pool{k}_states" in arrays for k in reacting):
        return ("" if shape.clocks is None else " or ".join([*clocks, *observed])), None
    if shape.clocks is not None:
        return " or ".join(clocks), " or ".join(observed)
    wires = [w for k in reacting for w in network.pools[k].wires if w is not None]
    is_read = any(number == n for w in wires for _, n in w.reduced)
    return ("" if is_read else None), ""


def _clocks_due(shape: ReductionShape) -> list[str]:
    """Return what tells that clocks which read a reduction tick."""
    return [f"due_{pool}_{clock}(step, dt, pool{pool}_par)" for pool, clock in shape.clocks or ()]


def _observed(number: int, network: NetworkShape) -> list[str]:
    """Return what tells that a reduction is recorded at the end of a step, or read behind it."""
    recorders = [
        k
        for k, probe in enumerate(network.probes)
        if probe.wire is not None and number in {n for _, n in probe.wire.reduced}
    ]
    return [
        *(f"(step + 1) % probe{k}_every == 0" for k in recorders),
        "step + 1 == step_first + n_steps",
    ]
