"""The arguments of the time loop: what all threads share, and one set for each thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.abi.stream_ids import split_seed
from bnsyn_dsl.assembly.connections import (
    Inboxes,
    lay_out_inboxes,
    place_tables,
    projection_request,
    refuse,
    synapse_values,
)
from bnsyn_dsl.assembly.couplings import coupling_arguments
from bnsyn_dsl.assembly.drives import drive_arguments
from bnsyn_dsl.assembly.learning import LearningSynapses, learning_arguments
from bnsyn_dsl.assembly.numbering import BLOCK, Numbering, thread_bounds
from bnsyn_dsl.assembly.pools import pool_arguments
from bnsyn_dsl.assembly.reductions import largest_growth, reduction_arguments
from bnsyn_dsl.assembly.senders import sender_arguments
from bnsyn_dsl.assembly.series import series_arguments
from bnsyn_dsl.assembly.system_arrays import SystemArrays
from bnsyn_dsl.assembly.values import element_values, synapse_draw
from bnsyn_dsl.compiler import CompiledNetwork
from bnsyn_dsl.diagnostics import DiagnosticLog, note
from bnsyn_dsl.lowering.pools import reductions_of
from bnsyn_dsl.runtime.aligned import aligned_zeros
from bnsyn_dsl.runtime.connectivity import BuiltTables, build_tables, estimate_bytes
from bnsyn_dsl.runtime.draws import Draw
from bnsyn_dsl.runtime.fixed_point import quantum
from bnsyn_dsl.runtime.memory import require_memory
from bnsyn_dsl.semantics.expression import Symbol
from bnsyn_dsl.semantics.plan import DrivePlan, NetworkPlan
from bnsyn_dsl.wiring.couplings import coupling_plans
from bnsyn_dsl.wiring.learning import gained_projections
from bnsyn_dsl.wiring.network import SenderPlan, plain_ports, sender_plans

__all__ = ["ArgumentsBuilder"]


class ArgumentsBuilder:
    """Builds the arguments of the time loop."""

    def __init__(
        self,
        compiled: CompiledNetwork,
        numbering: Numbering,
        systems: Sequence[SystemArrays],
        n_threads: int,
        log: DiagnosticLog,
        rule_modules: Sequence[Any] = (),
    ) -> None:
        self.rule_modules = rule_modules
        self.learning: list[LearningSynapses] = []
        self.compiled, self.plan = compiled, compiled.plan
        self.numbering, self.systems = numbering, systems
        self.n_threads, self.log = n_threads, log
        self.bounds = [thread_bounds(s.n, n_threads) for s in systems]
        self.spikes_at_start = np.zeros(0, np.uint32)

    def arguments(self) -> tuple[dict[str, object], list[dict[str, object]], int, int]:
        """Return shared arguments, those of each thread, the window and the longest delay (steps).

        Raises:
            BnsError: a value is out of bounds, or the machine has not enough memory.
        """
        plan, shape = self.plan, self.compiled.shape
        senders = sender_plans(plan, self.log)
        factored = {p.name for s in senders for p in s.projections}
        weights = {p.name: synapse_values(p, p.weight, "weight", plan) for p in plan.projections}
        weights |= {d.name: _drive_weights(d, plan) for d in plan.drives}
        sizes = [(s.n, len(s.compiled.manifest.receptors)) for s in self.systems]
        most = largest_growth(self.compiled, weights)
        inboxes = lay_out_inboxes(plan, self.numbering, sizes, weights, factored, most)
        low, high = split_seed(plan.seed)
        shared: dict[str, object] = {
            "dt": plan.dt,
            "seed_low": low,
            "seed_high": high,
            "inbox": aligned_zeros(max(inboxes.size, 1), np.int64),
        }
        states = max((len(s.compiled.manifest.states) for s in self.systems), default=1)
        own: list[dict[str, object]] = [
            {
                "spiked": aligned_zeros(BLOCK, np.int8),
                "scratch": aligned_zeros((max(states, 1), BLOCK)),
            }
            for _ in range(self.n_threads)
        ]
        delays = self._synapses(weights, senders, inboxes, own, shared)
        delays += self._gained(weights, senders, inboxes, own, shared)
        delays += self._learned(weights, inboxes, own, shared)
        groups = [s.compiled.group for s in self.systems]
        delays += coupling_arguments(self, coupling_plans(plan, groups, self.log), own, shared)
        pool_arguments(self, shared)
        reduction_arguments(self, own, shared)
        if senders:
            delays += sender_arguments(self, senders, weights, inboxes, own, shared)
        if shape.drives:
            drive_arguments(plan, self.numbering, inboxes, weights, self.bounds, own)
            for rate in shape.rates:
                values = [plan.parameters[n] for n in rate.sources]
                shared[f"rate{rate.drive}_par"] = np.array([*values, 0.0])
        if shape.sources:
            self._sources(own)
        self._gathers(shared)
        shared |= series_arguments(self.compiled, self.numbering)
        self._system_arguments(inboxes, shared, own)
        shortest, longest = min(delays, default=BLOCK), max(delays, default=0)
        # the log has to reach back to the post spikes that rules see late
        for one in self.learning:
            longest = max(longest, round(one.learned.learning.dendritic_delay / plan.dt))
        reads_neurons = any(one.rule.members for one in shape.learning)
        reads_neurons |= any(one.members for one in shape.couplings)
        every_step = bool(shape.gathers or shape.pools or shape.reductions or reads_neurons)
        window = 1 if every_step else max(1, min(shortest + 1, 64))
        return shared, own, window, longest

    def _synapses(
        self,
        weights: Mapping[str, Draw | NDArray[np.float64]],
        senders: Sequence[SenderPlan],
        inboxes: Inboxes,
        own: list[dict[str, object]],
        shared: dict[str, object],
    ) -> list[int]:
        gained = {p.name for p in gained_projections(self.plan)}
        static = [p for p in self.plan.projections if p.name not in gained and p.learning is None]
        requests = [
            projection_request(p, self.numbering, inboxes, ports, self.plan, weight=weights[p.name])
            for p in static
            if (ports := plain_ports(p, senders))
        ]
        if not requests:
            return []
        built = self.tables(requests, inboxes)
        return place_tables(built, own, "")

    def _gained(
        self,
        weights: Mapping[str, Draw | NDArray[np.float64]],
        senders: Sequence[SenderPlan],
        inboxes: Inboxes,
        own: list[dict[str, object]],
        shared: dict[str, object],
    ) -> list[int]:
        """Add tables of static projections with a gain: their weights are not rounded yet."""
        delays: list[int] = []
        for number, one in enumerate(gained_projections(self.plan)):
            if ports := plain_ports(one, senders):
                request = projection_request(
                    one, self.numbering, inboxes, ports, self.plan,
                    factored=True, weight=weights[one.name],
                )  # fmt: skip
                built = self.tables([request], inboxes, encode=False)
                delays += place_tables(built, own, f"gained{number}_")
            wire = self.compiled.shape.gains[number].gain
            values = [self.plan.parameters[source] for _, source in wire.parameters]
            shared[f"gained{number}_par"] = np.array([*values, 0.0])
        return delays

    def _learned(
        self,
        weights: Mapping[str, Draw | NDArray[np.float64]],
        inboxes: Inboxes,
        own: list[dict[str, Any]],
        shared: dict[str, Any],
    ) -> list[int]:
        """Add tables, states and frames of plastic projections."""
        delays: list[int] = []
        for number, (rule, module) in enumerate(
            zip(self.compiled.rules, self.rule_modules, strict=True)
        ):
            weight = weights[rule.learned.projection.name]
            synapses, steps = learning_arguments(
                number, rule, module, self, inboxes, weight, own, shared
            )
            self.learning.append(synapses)
            delays += steps
        return delays

    def local_tables(self, request: Any, rows: int, ranges: list[tuple[int, int]]) -> BuiltTables:
        """Build the tables of one plastic projection, targets counted within their part."""
        return self._built([request], rows, [[r] for r in ranges], encode=False)

    def tables(self, requests: list[Any], inboxes: Inboxes, *, encode: bool = True) -> BuiltTables:
        """Build tables for all threads; what rounding changed is noted."""
        owned = [
            [
                (base + self.bounds[system][q][0], base + self.bounds[system][q][1])
                for (system, _), base in inboxes.base.items()
            ]
            for q in range(self.n_threads)
        ]
        return self._built(requests, self.numbering.n_ids, owned, encode=encode)

    def _built(
        self,
        requests: list[Any],
        rows: int,
        owned: list[list[tuple[int, int]]],
        *,
        encode: bool,
    ) -> BuiltTables:
        spans = {p.name: p.span for p in self.plan.projections}
        span = spans.get(requests[0].name) if requests else None
        try:
            require_memory(estimate_bytes(requests, rows, self.n_threads), "the synapses")
            built = build_tables(requests, rows, owned, self.plan.seed, encode=encode)
        except ValueError as problem:
            raise refuse(problem, span) from problem
        for rounding in built.roundings:
            if rounding.changed:
                self.log.add(
                    note(
                        "BN480",
                        f"{rounding.changed} of {rounding.synapses} delays of `{rounding.name}` "
                        f"were rounded to steps of {self.plan.dt:g} ms, by "
                        f"{rounding.largest_change:.3g} ms at most",
                        spans.get(rounding.name),
                    )
                )
        return built

    def _sources(self, own: list[dict[str, object]]) -> None:
        steps, ids = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for population in self.plan.populations:
            if population.spike_times is None:
                continue
            first = self.numbering.first_id[population.name]
            for k, times in enumerate(population.spike_times):
                steps.append(np.floor(times / self.plan.dt + 0.5).astype(np.int64))
                ids.append(np.full(len(times), first + k))
        all_steps, all_ids = np.concatenate(steps), np.concatenate(ids)
        order = np.lexsort((all_ids, all_steps))
        all_steps, all_ids = all_steps[order], all_ids[order].astype(np.uint32)
        later = all_steps > 0
        self.spikes_at_start = all_ids[all_steps == 0]
        for q, arguments in enumerate(own):
            mine = later if q == 0 else np.zeros(len(all_steps), bool)
            arguments["source_steps"] = all_steps[mine]
            arguments["source_ids"] = all_ids[mine]
            arguments["source_next"] = np.zeros(1, np.int64)

    def _gathers(self, shared: dict[str, object]) -> None:
        """Say what is copied: from where, to where, how many, and whether one after another."""
        copies: list[tuple[int, int, str]] = []
        for system in self.compiled.systems:
            for population, member in zip(
                system.group.populations, system.group.members, strict=True
            ):
                copies += [(*self._read(s), population.name) for s in member.gathers.values()]
                for one in member.reduced.values():
                    (reduction,) = reductions_of(one)
                    number = self.compiled.reductions.index(reduction)
                    copies.append((number, 0, population.name))
        for number, (first, moves, target) in enumerate(copies):
            place, size = self.numbering.place[target][1], self.plan.population(target).size
            shared[f"gather{number}"] = np.array([first, place, size, moves], np.int64)

    def _read(self, symbol: Symbol) -> tuple[int, int]:
        """Return where the members of a population or modulator begin, and 0 where it is one."""
        pool = next((p for p in self.plan.pools if p.name == symbol.owner), None)
        if pool is not None:
            return 0, 1 if pool.size > 1 else 0
        size = self.plan.population(symbol.owner).size
        return self.numbering.place[symbol.owner][1], 1 if size > 1 else 0

    def _system_arguments(
        self, inboxes: Inboxes, shared: dict[str, object], own: list[dict[str, object]]
    ) -> None:
        inbox = shared["inbox"]
        assert isinstance(inbox, np.ndarray)
        at = 0
        for k, system in enumerate(self.systems):
            manifest = system.compiled.manifest
            for name, array in system.arrays.items():
                shared[f"s{k}_{name}"] = array
            boxes = [a for a in manifest.array_arguments if a.startswith("inbox_")]
            for r, name in enumerate(boxes):
                base = inboxes.base[k, r]
                shared[f"s{k}_{name}"] = inbox[base : base + system.n]
            bits = [inboxes.bits[k, r] for r in range(len(boxes))]
            shared[f"s{k}_quanta"] = np.array([*(quantum(b) for b in bits), 0.0])
            shared[f"s{k}_first_id"] = at
            for q, arguments in enumerate(own):
                arguments[f"s{k}_lo"], arguments[f"s{k}_hi"] = self.bounds[k][q]
            at += system.n


def _drive_weights(drive: DrivePlan, plan: NetworkPlan) -> Draw | NDArray[np.float64]:
    drawn = synapse_draw(drive.weight)
    if drawn is not None:
        return drawn
    size = drive.target.size
    values = element_values(drive.weight, size, {}, plan.seed, f"{drive.name}.weight")
    return np.broadcast_to(np.asarray(values, np.float64), (size,)).copy()
