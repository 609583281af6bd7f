"""The network's time loop as a Numba module: which systems, drives, wires and probes it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bnsyn_dsl.abi.embedding import embed
from bnsyn_dsl.abi.manifest import SystemManifest
from bnsyn_dsl.codegen.emit import emit
from bnsyn_dsl.codegen.numba.network_couplings import (
    CouplingView,
    coupling_names,
    coupling_view,
)
from bnsyn_dsl.codegen.numba.network_learning import (
    GainView,
    LearningView,
    PoolView,
    learning_names,
    learning_view,
    names_in_wire,
    pool_view,
    wire_arguments,
    wire_load,
)
from bnsyn_dsl.codegen.numba.network_reductions import ReductionView, reduction_view
from bnsyn_dsl.codegen.numba.printer import Printer
from bnsyn_dsl.codegen.shape import DriveRate, GainShape, NetworkShape, ProbeShape, SenderShape
from bnsyn_dsl.resources import templates_directory

__all__ = ["network_arguments", "print_network"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _SystemCall:
    module: str
    update: str
    alias: str
    observers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rate:
    name: str
    number: int
    arguments: str
    body: tuple[str, ...]
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sender:
    number: int
    plastic: bool
    gain: str
    load: tuple[str, ...]
    decay: tuple[str, ...]
    factor: str
    update: tuple[str, ...]
    store: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gather:
    number: int
    source: str
    target: str
    lo: str
    hi: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Series:
    number: int
    target: str
    lo: str
    hi: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Probe:
    number: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkView:
    """What the template `network.py.j2` is given."""

    title: str
    header: tuple[str, ...]
    functions_text: str
    arguments: tuple[str, ...]
    systems: tuple[_SystemCall, ...]
    static: bool
    senders: tuple[_Sender, ...]
    drives: bool
    rates: tuple[_Rate, ...]
    sources: bool
    gathers: tuple[_Gather, ...]
    series: tuple[_Series, ...]
    probes: tuple[_Probe, ...]
    learning: tuple[LearningView, ...]
    learning_reads_pre: bool
    gains: tuple[GainView, ...]
    pools: tuple[PoolView, ...]
    counts_spikes: bool
    reductions: tuple[ReductionView, ...]
    couplings: CouplingView


_COMMON = (
    "thread", "n_threads", "step_first", "n_steps", "window", "dt", "seed_low", "seed_high",
    "barrier", "votes", "stop", "log_first", "log_ids", "log_ptr", "inbox", "spiked", "scratch",
    "status",
)  # fmt: skip
_STATIC = (
    "delays", "cell_groups", "group_start", "group_weight", "group_offset", "targets", "weights",
)  # fmt: skip
_DRIVE = (
    "drive_inbox", "drive_range", "drive_stream", "drive_delay", "drive_weight_at",
    "drive_weights", "drive_table", "table_guide", "table_cdf", "table_mean", "counts",
)  # fmt: skip


def network_arguments(shape: NetworkShape) -> tuple[str, ...]:
    """Return the arguments of `advance`, in order."""
    names = list(_COMMON)
    if shape.static:
        names += _STATIC
    for k, sender in enumerate(shape.senders):
        names += [f"sender{k}_states", f"sender{k}_last", f"sender{k}_par", f"sender{k}_range"]
        names += [] if sender.plastic else [f"factored{k}_{a}" for a in _STATIC]
    if shape.senders:
        names.append("log_factor")
    for k, gain in enumerate(shape.gains):
        names += [f"gained{k}_{a}" for a in _STATIC] if gain.delivers else []
    if shape.drives:
        names += _DRIVE
    for rate in shape.rates:
        names += [f"rate{rate.drive}_par"]
    if shape.sources:
        names += ["source_steps", "source_ids", "source_next"]
    for k, system in enumerate(shape.systems):
        names += [f"s{k}_{a}" for a in _own_arguments(system)]
    names += learning_names(shape)
    names += coupling_names(shape)
    for k, _ in enumerate(shape.gathers):
        names.append(f"gather{k}")
    for k, _ in enumerate(shape.series):
        names += [f"series{k}", f"series{k}_rows"]
    for k, probe in enumerate(shape.probes):
        names += [f"probe{k}_chosen", f"probe{k}_range", f"probe{k}_every", f"probe{k}_out"]
        names += [f"probe{k}_wire"] if probe.wire is not None and probe.wire.parameters else []
    return tuple(names)


_SHARED = frozenset(
    {"step", "dt", "seed_low", "seed_high", "spiked", "scratch", "spikes", "n", "status"}
)


def _own_arguments(system: SystemManifest) -> tuple[str, ...]:
    return tuple(a for a in system.update_arguments if a not in _SHARED)


def print_network(shape: NetworkShape, version: str) -> str:
    """Return the text of the network module."""
    printer = Printer({})
    printer.used |= {
        "bn_atomic_add", "bn_atomic_load", "bn_atomic_store", "bn_sched_yield",
    }  # fmt: skip
    if shape.static or shape.senders:
        printer.used.add("bn_prefetch")
    if shape.senders:
        printer.used |= {"bn_to_fixed", "bn_exp", "bn_expm1"}
    if shape.drives:
        printer.used |= {"bn_block", "bn_poisson_table", "bn_poisson_count", "bn_philox"}
    systems = tuple(_system_call(k, s, shape.modules[k]) for k, s in enumerate(shape.systems))
    rates = tuple(_rate(r, printer) for r in shape.rates)
    if shape.gains or any(r.learning is not None for r in shape.reductions):
        printer.used |= {"bn_to_fixed", "bn_rint"}
    reduced = {r.learning for r in shape.reductions}
    learning = tuple(
        learning_view(k, one, printer, settles=k in reduced) for k, one in enumerate(shape.learning)
    )
    gains = tuple(_gain(k, one, printer) for k, one in enumerate(shape.gains))
    senders = tuple(_sender(k, s, gains, printer) for k, s in enumerate(shape.senders))
    awaited = {clock for one in shape.reductions for clock in one.clocks or ()}
    pools = tuple(
        pool_view(k, one, printer, frozenset(c for p, c in awaited if p == k))
        for k, one in enumerate(shape.pools)
    )
    reductions = tuple(
        reduction_view(k, one, shape, printer) for k, one in enumerate(shape.reductions)
    )
    gathers = tuple(
        _Gather(number=k, source=source, target=f"s{b}_{y}", lo=f"s{b}_lo", hi=f"s{b}_hi")
        for k, (source, b, y) in enumerate(shape.gathers)
    )
    series = tuple(
        _Series(number=k, target=f"s{b}_{y}", lo=f"s{b}_lo", hi=f"s{b}_hi")
        for k, (b, y) in enumerate(shape.series)
    )
    probes = tuple(_probe(k, p, shape, printer) for k, p in enumerate(shape.probes))
    couplings = coupling_view(shape, printer)
    view = NetworkView(
        title=f"{shape.name}: the time loop.",
        header=(
            f"Generated by bnsyn {version}.",
            "",
            *(f"    {s.name}: {s.method}" for s in shape.systems),
        ),
        functions_text=embed(sorted(printer.used)).rstrip("\n"),
        arguments=network_arguments(shape),
        systems=systems,
        static=shape.static,
        senders=senders,
        drives=shape.drives,
        rates=rates,
        sources=shape.sources,
        gathers=gathers,
        series=series,
        probes=probes,
        learning=learning,
        learning_reads_pre=any(
            side == "pre" for one in shape.learning for _, side in one.rule.members
        ),
        gains=gains,
        pools=pools,
        counts_spikes=any(p.has_sources for p in pools),
        reductions=reductions,
        couplings=couplings,
    )
    return emit(templates_directory() / "numba", "network.py.j2", network=view)


def _system_call(k: int, system: SystemManifest, module: str) -> _SystemCall:
    alias = f"update_{k}"
    args = []
    for argument in system.update_arguments:
        if argument == "spikes":
            args.append("log_ids[thread]")
        elif argument in _SHARED:
            args.append(argument)
        else:
            args.append(f"s{k}_{argument}")
    return _SystemCall(
        module=module,
        update=f"n = {alias}({', '.join(args)})",
        alias=alias,
        observers=tuple(
            f"from {module} import observe_{n} as observe_{n}_{k}" for n, _ in system.observers
        ),
    )


def _rate(rate: DriveRate, printer: Printer) -> _Rate:
    load = [f"{n} = rate_par[{k}]" for k, n in enumerate(rate.parameters)]
    return _Rate(
        name=f"rate_{rate.drive}",
        number=rate.drive,
        arguments="t, dt, rate_par",
        body=(*load, *printer.lets(rate.lets)),
        value=printer.expr(rate.value),
    )


def _gain(k: int, shape: GainShape, printer: Printer) -> GainView:
    wire = shape.gain
    lines = wire_load(wire, f"gained{k}_par", "0") + printer.lets(wire.lets)
    arguments = ["t", "dt", f"gained{k}_par", *wire_arguments([wire])]
    return GainView(
        number=k,
        delivers=shape.delivers,
        arguments=", ".join(arguments),
        body=tuple(lines),
        value=printer.expr(wire.value),
    )


def _sender(k: int, sender: SenderShape, gains: Sequence[GainView], printer: Printer) -> _Sender:
    load = [f"{n} = sender{k}_par[{j}]" for j, n in enumerate(sender.parameters)]
    load += [f"{n} = sender{k}_states[{j}, row]" for j, n in enumerate(sender.states)]
    return _Sender(
        number=k,
        plastic=sender.plastic,
        gain="1.0" if sender.gain is None else gains[sender.gain].call,
        load=tuple(load),
        decay=tuple(printer.lets(sender.decay)),
        factor=printer.expr(sender.factor),
        update=tuple(printer.lets(sender.update)),
        store=tuple(f"sender{k}_states[{j}, row] = {n}" for j, n in enumerate(sender.states)),
    )


def _pool_probe(k: int, probe: ProbeShape, printer: Printer) -> _Probe:
    wire = probe.wire
    assert wire is not None
    load = wire_load(wire, f"probe{k}_wire", f"probe{k}_chosen[j]")
    lines = [*load, *printer.lets(wire.lets)]
    return _Probe(
        number=k,
        lines=(
            *(("t = (step + 1) * dt",) if "t" in names_in_wire(wire) else ()),
            f"for j in range(probe{k}_range[0], probe{k}_range[1]):",
            *(f"    {line}" for line in lines),
            f"    probe{k}_out[row, j] = {printer.expr(wire.value)}",
        ),
    )


def _probe(k: int, probe: ProbeShape, shape: NetworkShape, printer: Printer) -> _Probe:
    if probe.pool is not None:
        return _pool_probe(k, probe, printer)
    out = f"probe{k}_out[row]"
    if probe.argument is not None:
        lines = (
            f"for j in range(probe{k}_range[0], probe{k}_range[1]):",
            f"    probe{k}_out[row, j] = s{probe.system}_{probe.argument}[probe{k}_chosen[j]]",
        )
        return _Probe(number=k, lines=lines)
    args = []
    for argument in shape.systems[probe.system].observe_arguments:
        match argument:
            case "lo":
                args.append(f"probe{k}_range[0]")
            case "hi":
                args.append(f"probe{k}_range[1]")
            case "step":
                args.append("step + 1")
            case "dt":
                args.append("dt")
            case "chosen":
                args.append(f"probe{k}_chosen")
            case "out":
                args.append(out)
            case _:
                args.append(f"s{probe.system}_{argument}")
    call = f"observe_{probe.observer}_{probe.system}({', '.join(args)})"
    return _Probe(number=k, lines=(call,))
