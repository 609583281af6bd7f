"""What plasticity and modulators add to the time loop of a network: views for its template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bnsyn_dsl.codegen.numba.learning import learning_arguments
from bnsyn_dsl.codegen.numba.printer import Printer
from bnsyn_dsl.codegen.shape import (
    LearningShape,
    NetworkShape,
    PoolShape,
    WireShape,
)
from bnsyn_dsl.ir.learning import LearningKernel
from bnsyn_dsl.ir.names import names_in
from bnsyn_dsl.ir.nodes import Let

__all__ = [
    "GainView",
    "LearningView",
    "PoolView",
    "learning_names",
    "learning_view",
    "names_in_wire",
    "pool_view",
    "rule_call",
    "wire_arguments",
    "wire_load",
]

# arguments of a rule's functions that the whole network shares
_SHARED = frozenset({
    "step", "thread", "n_threads", "log_first", "log_ids", "log_ptr", "inbox", "status", "dt",
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class GainView:
    """A static projection with a gain: the function that forms it."""

    number: int
    delivers: bool
    arguments: str
    body: tuple[str, ...]
    value: str

    @property
    def call(self) -> str:
        """What forms the gain in the time loop."""
        return f"gain_{self.number}({self.arguments})"


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningView:
    """One plastic projection in the time loop: imports, third factors, calls."""

    number: int
    module: str
    functions: tuple[str, ...]
    framed: bool
    third_arguments: str
    third_call: str
    third: tuple[str, ...]
    settles: bool
    arrive: str
    fire: str
    sweep: str
    rebase: str
    ticks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _ClockView:
    """`awaited`: a reduction is formed when it is due, by the lines `period` for each pool."""

    number: int
    steps: str
    head: tuple[str, ...]
    body: tuple[str, ...]
    reads_spikes: bool
    awaited: bool
    period: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolView:
    """One modulator in the time loop: what its inputs hold, how it moves, how it reacts."""

    number: int
    wire_arguments: str
    wires: tuple[tuple[int, tuple[str, ...], str], ...]
    drift_head: tuple[str, ...]
    drift: tuple[str, ...]
    has_sources: bool
    on_spike: tuple[str, ...]
    clocks: tuple[_ClockView, ...]
    load: tuple[str, ...]
    store: tuple[str, ...]
    spikes: str
    size: str
    counts_spikes: bool


def learning_names(shape: NetworkShape) -> tuple[str, ...]:
    """Return the arguments of `advance` that plasticity and modulators need."""
    names: list[str] = []
    if shape.reductions:
        names += ["reduced", "partial"]
    for k, pool in enumerate(shape.pools):
        names += [f"pool{k}_{a}" for a in ("states", "par", "inputs", "counts", "sources")]
        names += [f"pool{k}_streams", f"pool{k}_size"]
        names += [f"pool{k}_wire{j}" for j, w in enumerate(pool.wires) if w is not None]
    for m, learning in enumerate(shape.learning):
        own = _own_names(learning.rule)
        names += [f"learning{m}_{a}" for a in own if not a.endswith("_all")]
        names += [f"learning{m}_third", f"learning{m}_rebase_every"]
        names += [f"learning{m}_{a}" for a in own if a.endswith("_all")]
    settled = {one.learning for one in shape.reductions}
    names += [f"learning{m}_settled" for m, _ in enumerate(shape.learning) if m in settled]
    for m, _ in enumerate(shape.reductions):
        names += [f"reduction{m}_par", f"reduction{m}_range"]
    for m, _ in enumerate(shape.gains):
        names += [f"gained{m}_par"]
    return tuple(names)


def _own_names(rule: LearningKernel) -> tuple[str, ...]:
    """Return every argument of a rule's functions but those of the network, each once."""
    found: dict[str, None] = {}
    for arguments in learning_arguments(rule).values():
        for name in arguments:
            if name.startswith("spike_factors"):
                continue  # of the network
            if name not in _SHARED and name not in {"n", "out"}:
                found.setdefault(name)
    return tuple(found)


def rule_call(number: int, function: str, rule: LearningKernel, **given: str) -> str:
    """Return the call of a function of a rule in the time loop; `given` are other arguments."""
    arguments = []
    for name in learning_arguments(rule)[function]:
        if name in given:
            arguments.append(given[name])
        else:
            arguments.append(name if name in _SHARED else f"learning{number}_{name}")
    return f"{function}_{number}({', '.join(arguments)})"


# ------------------------------------------------------------------------------ wires


def wire_arguments(wires: Sequence[WireShape]) -> list[str]:
    """Return the arrays that wires read, each once."""
    found: dict[str, None] = {}
    for wire in wires:
        if wire.reduced:
            found.setdefault("reduced")
        for _, array, _ in wire.members:
            found.setdefault(array)
    return list(found)


def wire_load(wire: WireShape, par: str, index: str) -> list[str]:
    """Return the lines that load what a wire reads; `index` is the element."""
    lines = [f"{ident} = {par}[{k}]" for k, (ident, _) in enumerate(wire.parameters)]
    lines += [f"{ident} = reduced[{number}]" for ident, number in wire.reduced]
    for ident, array, row in wire.members:
        at = f"min({index}, {array}.shape[{0 if row is None else 1}] - 1)" if index != "0" else "0"
        lines.append(f"{ident} = {array}[{at if row is None else f'{row}, {at}'}]")
    if "element" in names_in_wire(wire):
        lines.append(f"element = {index}")
    return lines


def names_in_wire(wire: WireShape) -> set[str]:
    """Return the identifiers that a wire reads or assigns."""
    return names_in(wire.value) | _names(wire.lets)


def learning_view(
    number: int, shape: LearningShape, printer: Printer, *, settles: bool
) -> LearningView:
    """Return what the time loop does for one plastic projection.

    `settles` says that a reduction reads its synapses.
    """
    rule = shape.rule
    framed = rule.strategy != "swept"
    wires = [*shape.factors, *(w for _, w in shape.integrals)]
    wires += [shape.gain] if shape.gain is not None else []
    arguments = ["t", "dt", "third", *wire_arguments(wires), "gain", "factors"]
    arguments += ["base", "step", "decay", "integrals"] if framed else []
    lines = ["n = step - base[0]"] if framed and (shape.factors or shape.integrals) else []
    at = 0
    for k, wire in enumerate(shape.factors):
        lines += _wire_lines(wire, at, printer)
        lines.append(f"factors[{k}, {'n' if framed else '0'}] = {printer.expr(wire.value)}")
        at += len(wire.parameters)
    for k, (rate, wire) in enumerate(shape.integrals if framed else ()):
        lines += _wire_lines(wire, at, printer)
        value = printer.expr(wire.value, 6)
        if rate is not None:
            value = f"decay[{rate}, n] * {value}"
        lines.append(f"integrals[{k}, n + 1] = integrals[{k}, n] + {value}")
        at += len(wire.parameters)
    if shape.gain is not None:
        lines += _wire_lines(shape.gain, at, printer)
        lines.append(f"gain[0] = {printer.expr(shape.gain.value)}")
    functions = tuple(learning_arguments(rule))
    factors = {
        f"spike_factors{port}": f"log_factor[{sender}]"
        for port, sender in zip(rule.factored, shape.senders, strict=True)
    }
    rebase = ""
    if framed:
        rebase = rule_call(number, "rebase", rule, n=f"step + 1 - learning{number}_base[0]")
    return LearningView(
        number=number,
        module=shape.module,
        functions=functions,
        framed=framed,
        third_arguments=", ".join(arguments),
        third_call=_third_call(number, arguments),
        third=tuple(lines),
        settles=settles,
        arrive=rule_call(number, "arrive", rule, **factors),
        fire=rule_call(number, "fire", rule),
        sweep="" if framed else rule_call(number, "sweep", rule),
        rebase=rebase,
        ticks=tuple(rule_call(number, f, rule) for f in functions if f.startswith("tick_")),
    )


def _third_call(number: int, arguments: Sequence[str]) -> str:
    """Return the call of `third_<number>` in the time loop."""
    own = {"third", "gain", "factors", "base", "decay", "integrals"}
    given = [f"learning{number}_{a}" if a in own else a for a in arguments]
    return f"third_{number}({', '.join(given)})"


def _wire_lines(wire: WireShape, at: int, printer: Printer) -> list[str]:
    lines = [f"{ident} = third[{at + k}]" for k, (ident, _) in enumerate(wire.parameters)]
    lines += wire_load(WireShape(
        members=wire.members, reduced=wire.reduced, parameters=(), lets=wire.lets, value=wire.value
    ), "third", "0")  # fmt: skip
    return lines + printer.lets(wire.lets)


# ------------------------------------------------------------------------------ pools


def pool_view(number: int, shape: PoolShape, printer: Printer, awaited: frozenset[int]) -> PoolView:
    """Return what the time loop does for one modulator; `awaited` are clocks that reductions need.

    The period of such a clock is made of parameters.
    """
    pool = shape.pool
    wires = []
    for k, wire in enumerate(shape.wires):
        if wire is None:
            continue
        lines = wire_load(wire, f"pool{number}_wire{k}", "i") + printer.lets(wire.lets)
        wires.append((k, tuple(lines), printer.expr(wire.value)))
    present = [w for w in shape.wires if w is not None]
    arguments = [f"pool{number}_inputs", *(a for a in wire_arguments(present))]
    arguments += [f"pool{number}_wire{k}" for k, w in enumerate(shape.wires) if w is not None]
    spike = printer.lets(pool.on_spike)
    clocks = tuple(
        _ClockView(
            number=k,
            steps=printer.expr(clock.steps, 9),
            head=tuple(_load(pool.parameters, "par", "0", names_in(clock.steps))),
            body=tuple(printer.lets(clock.body)),
            reads_spikes=clock.reads_spikes,
            awaited=k in awaited,
            period=tuple(_load(pool.parameters, "par", "i", names_in(clock.steps))),
        )
        for k, clock in enumerate(pool.clocks)
    )
    used = _names(pool.drift)
    drift_head = _load(pool.parameters, "par", "i", used) + _load(pool.inputs, "inputs", "i", used)
    bodies = [pool.on_spike, *(c.body for c in pool.clocks)]
    used = set().union(*(_names(b) for b in bodies), *(names_in(c.steps) for c in pool.clocks))
    load = _load(pool.parameters, "par", "i", used) + _load(pool.inputs, "inputs", "i", used)
    load += _load(pool.states, "states", "i", set(pool.states))
    return PoolView(
        number=number,
        wire_arguments=", ".join(dict.fromkeys(arguments)),
        wires=tuple(wires),
        drift_head=(*drift_head, *_load(pool.states, "states", "i", set(pool.states))),
        drift=tuple(printer.lets(pool.drift)),
        has_sources=bool(spike) or any(c.reads_spikes for c in pool.clocks),
        on_spike=tuple(spike),
        clocks=clocks,
        load=tuple(load),
        store=tuple(f"states[{k}, i] = {s}" for k, s in enumerate(pool.states)),
        spikes=pool.spikes,
        size=pool.size,
        counts_spikes=any(c.reads_spikes for c in pool.clocks),
    )


def _names(lets: Sequence[Let]) -> set[str]:
    return {name for let in lets for name in names_in(let.value)}


def _load(idents: Sequence[str], array: str, at: str, used: set[str]) -> list[str]:
    return [f"{ident} = {array}[{k}, {at}]" for k, ident in enumerate(idents) if ident in used]
