"""What continuous synapses add to the time loop of a network: views for its template."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bnsyn_dsl.codegen.numba.printer import Printer
from bnsyn_dsl.codegen.shape import CouplingShape, NetworkShape

__all__ = ["CoupleFunction", "CouplingView", "coupling_names", "coupling_view"]

_TABLE = (
    "delays", "cell_groups", "group_start", "group_weight", "group_offset", "runs", "targets",
    "weights",
)  # fmt: skip
_LOG = ("n_threads", "log_first", "log_ids", "log_ptr")


@dataclass(frozen=True, slots=True, kw_only=True)
class CoupleFunction:
    """A function that forms sums; projections with equal code share one."""

    number: int
    arguments: tuple[str, ...]
    load: tuple[str, ...]
    members: tuple[str, ...]
    states: tuple[str, ...]
    on_pre: tuple[str, ...]
    lets: tuple[str, ...]
    values: tuple[tuple[int, bool, str], ...]
    step: tuple[str, ...]
    store: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CouplingView:
    """All continuous synapses: functions, ranges that are cleared, calls in the time loop.

    `cleared` are (array, first, last) of what each thread forms anew in every step. `meets` says
    that threads read one another's neurons.
    """

    functions: tuple[CoupleFunction, ...]
    cleared: tuple[tuple[str, str, str], ...]
    calls: tuple[str, ...]
    meets: bool


def coupling_names(shape: NetworkShape) -> tuple[str, ...]:
    """Return the arguments of `advance` that continuous synapses need."""
    names: list[str] = []
    for k, one in enumerate(shape.couplings):
        if _is_idle(one):
            continue
        own = (*_TABLE, "place", "par", "states", *_arrays(one))
        names += [f"coupled{k}_{name}" for name in own]
        names += [f"coupled{k}_total{j}" for j, _ in enumerate(one.sums)]
    return tuple(names)


def _is_idle(one: CouplingShape) -> bool:
    """Tell a synapse all of whose sums stay as they are."""
    return not one.values


def coupling_view(shape: NetworkShape, printer: Printer) -> CouplingView:
    """Return what the time loop does for all continuous synapses."""
    functions: dict[CouplingShape, CoupleFunction] = {}
    calls: list[str] = []
    cleared: dict[tuple[str, str, str], None] = {}
    for k, one in enumerate(shape.couplings):
        if _is_idle(one):
            continue
        key = replace(one, system=0, sums=())
        if key not in functions:
            functions[key] = _function(len(functions), one, printer)
        function = functions[key]
        for array in one.sums:
            cleared.setdefault((f"s{one.system}_{array}", f"s{one.system}_lo", f"s{one.system}_hi"))
        shared = {"step", "dt", *_LOG}
        given = [a if a in shared else f"coupled{k}_{a}" for a in function.arguments]
        calls.append(f"couple_{function.number}({', '.join(given)})")
    reads = any(one.members for one in shape.couplings)
    rules = any(side == "pre" for one in shape.learning for _, side in one.rule.members)
    return CouplingView(
        functions=tuple(functions.values()),
        cleared=tuple(cleared),
        calls=tuple(calls),
        meets=bool(calls) and (reads or rules),
    )


def _arrays(one: CouplingShape) -> tuple[str, ...]:
    return tuple(f"{ident}_all" for ident in one.members)


def _function(number: int, one: CouplingShape, printer: Printer) -> CoupleFunction:
    totals = [f"total{j}" for j, _ in enumerate(one.values)]
    log = _LOG if one.on_pre else ()
    arguments = (
        "step", "dt", *log, *_TABLE, "place", "par", "states", *_arrays(one), *totals,
    )  # fmt: skip
    return CoupleFunction(
        number=number,
        arguments=arguments,
        load=tuple(f"{ident} = par[{k}]" for k, ident in enumerate(one.parameters)),
        members=tuple(f"{ident} = {ident}_all[row]" for ident in one.members),
        states=tuple(f"{ident} = states[{k}, cell]" for k, ident in enumerate(one.states)),
        on_pre=tuple(printer.lets(one.on_pre)),
        lets=tuple(printer.lets(one.lets)),
        values=tuple(
            (j, weighted, printer.expr(value)) for j, (weighted, value) in enumerate(one.values)
        ),
        step=tuple(printer.lets(one.step)),
        store=tuple(f"states[{k}, cell] = {ident}" for k, ident in enumerate(one.states)),
    )
