"""A plasticity rule as a Numba module: arrivals, post spikes, reading, and the steps it needs.

Arrays, all of one projection and one thread (`post` and `sums` are shared, each thread has its
range of targets):

    synapse  float64[state, synapse]   the weight first; in the frame where the state decays
    pre      float64[state, cell]      cell = presynaptic neuron x delay
    post     float64[state, target]
    sums     float64[sum, target]      what post spikes add, per unit of presynaptic trace
    decay    float64[rate, steps]      decays from the beginning of the frame
    factors  float64[factor, steps]    third factors, integrals float64[integral, steps + 1]
    events   int32[event, 4]           post spikes of this frame: step, the target's one before
                                       and after; last_event int32[target]
    recent   int32[target, 4]          steps of the last three of them, the newest first, or -1
"""

from __future__ import annotations

from typing import Any

from bnsyn_dsl.abi.embedding import embed
from bnsyn_dsl.codegen.emit import emit
from bnsyn_dsl.codegen.numba.learning_sweep import SweepLines
from bnsyn_dsl.codegen.numba.learning_view import RuleView
from bnsyn_dsl.ir.learning import Accumulator, LearningKernel
from bnsyn_dsl.resources import templates_directory

__all__ = ["learning_arguments", "print_learning"]

_TABLE = ("delays", "cell_groups", "group_start", "targets")
_LOG = ("log_first", "log_ids", "log_ptr")


def _storage(rule: LearningKernel) -> tuple[str, ...]:
    """Return the arguments that hold states, in order."""
    names = ["synapse", "pre", "post"]
    match rule.strategy:
        case "accumulated":
            names.append("sums")
        case "replayed":
            names += ["arrived", "last_event", "event_count", "events", "event_post"]
            names.append("recent")
        case _:
            names.append("fired")
    return tuple(names)


def learning_arguments(rule: LearningKernel) -> dict[str, tuple[str, ...]]:
    """Return the arguments of every function of the module, by its name."""
    framed = rule.strategy != "swept"
    frame = ("dt", "base", "decay", "factors", "integrals") if framed else ("dt", "factors")
    members = tuple(f"{ident}_all" for ident, _ in rule.members)
    storage = _storage(rule)
    common = ("place", "par", *frame, *_TABLE, *storage)
    found = {
        "arrive": ("step", "n_threads", *_LOG, "inbox", "status", "ports", "scales", "gain", "sent",
                   *(f"spike_factors{k}" for k in rule.factored), *common, *members),
        "fire": ("step", "thread", *_LOG, "place", "par", *frame, *storage, *members),
        "settle": ("n", *common, "out"),
    }  # fmt: skip
    if framed:
        found["rebase"] = ("n", "own", *common)
    else:
        found["sweep"] = ("step", "own", *common, *members)
    for k, _ in enumerate(rule.clocks, start=1):
        found[f"tick_{k}"] = ("step", "own", *common, *members)
    return found


def print_learning(rule: LearningKernel, why: str, version: str) -> str:
    """Return the text of the rule's module."""
    view = _Writer(rule).view(why, version)
    return emit(templates_directory() / "numba", "learning.py.j2", rule=view)


class _Writer(SweepLines):
    """Writes the functions of one rule."""

    def _arrive(self) -> dict[str, Any]:
        rule = self.rule
        updates = [e for _, e in rule.row_updates]
        replayed = rule.on_post if rule.strategy == "replayed" else ()
        read = [*updates, rule.weight, *(rule.clip or ())]
        used = self._used(rule.on_pre, replayed, also=read) | self._rests()
        events = self._used(rule.on_pre, also=updates)
        head = self._time(events) + self._parameters(used)
        head += self._factors(events, "n" if self.framed else "0")
        slots = (*rule.pre, *rule.post, *rule.synapse)
        head += self._decays(slots, "n")
        if rule.strategy == "accumulated":
            head += [f"integral{m} = integrals[{m}, n]" for m in range(rule.integrals)]
        head += self._ports()
        pre_used = self._used(rule.on_pre, also=updates)
        bring = self._bring()
        post = self._load("post", rule.post, "i", pre_used | self._used(also=[rule.weight]))
        post += self._members(pre_used, "post", "i")
        cell = []
        traces = {a.trace for a in rule.accumulators if a.trace is not None}
        for k, slot in enumerate(rule.pre):
            if k in traces:
                cell.append(f"{slot.ident}_before = pre[{k}, cell]")
        cell += self._load("pre", rule.pre, "cell", pre_used)
        cell += self._members(pre_used, "pre", "source")
        changed = {k for k, _ in rule.row_updates}
        for k, value in rule.row_updates:
            slot = rule.pre[k]
            cell.append(f"{slot.ident}_next = {self.printer.expr(value)}")
            cell.append(f"{slot.ident}_after = {self._stored(slot, f'{slot.ident}_next')}")
        for k in sorted(traces - changed):
            cell.append(f"{rule.pre[k].ident}_after = {rule.pre[k].ident}_before")
        if rule.strategy == "replayed":
            cell.append("since = max(np.int64(arrived[cell]) - base[0], 0)")
        restore = []
        if rule.strategy == "replayed":  # the loop over events moved the traces
            both = self._used(rule.on_post) & pre_used
            restore = self._load("pre", rule.pre, "cell", both) + self._factors(both, "n")
        load = [f"{s.ident} = synapse[{k}, j]" for k, s in enumerate(rule.synapse)]
        return {
            "head": tuple(head),
            "cell_load": tuple(cell),
            "bring": (*(load if rule.strategy == "replayed" else bring), *restore, *post),
            "transmit": tuple(self._transmit()),
            "checked": rule.checked,
            "add": tuple(self._add_to_inbox()),
            "recent": tuple(self._bring_recent()) if self._has_recent() else (),
            "replay": (*bring, *self._store()) if rule.strategy == "replayed" else (),
            "on_pre": tuple(self.printer.lets(rule.on_pre)),
            "store": tuple(self._store()),
            "cell_store": tuple(
                [f"pre[{k}, cell] = {rule.pre[k].ident}_after" for k, _ in rule.row_updates]
                + (["arrived[cell] = step"] if rule.strategy == "replayed" else [])
            ),
        }

    def _transmit(self) -> list[str]:
        """Return lines that note, in fixed point, what the synapse adds to each receptor."""
        weight = self._weight()
        lines = self._clip_weight()
        if self.rule.checked:
            lines.append(f"large |= np.int64(not abs({weight}) <= most)")
        return lines + [
            f"sent[{k}, j - np.uint64(begin)] = bn_to_fixed({weight}{self._factor(k)}, scale{k})"
            for k in range(self.rule.ports)
        ]

    def _factor(self, port: int) -> str:
        """Return what short-term plasticity makes of the weight at one receptor."""
        return f" * spike_factors{port}[q, p]" if port in self.rule.factored else ""

    def _add_to_inbox(self) -> list[str]:
        return [
            f"inbox[port{k} + i] += sent[{k}, j - np.uint64(begin)]" for k in range(self.rule.ports)
        ]

    def _ports(self) -> list[str]:
        """Return lines that form what is needed to transmit to each receptor."""
        lines = []
        for k in range(self.rule.ports):
            lines.append(f"port{k} = np.uint64(ports[{k}])")
            lines.append(f"scale{k} = scales[{k}] * gain[0]")
        if self.rule.checked:  # what fixed point can hold
            largest = ", ".join(f"abs(scale{k})" for k in range(self.rule.ports))
            largest = f"max({largest})" if self.rule.ports > 1 else largest
            lines.append(f"most = 1125899906842624.0 / {largest}")
        return lines

    def _fire(self) -> dict[str, tuple[str, ...]]:
        rule = self.rule
        if rule.strategy == "swept":
            return {"fire_head": (), "fire": ("fired[i] = 1",)}
        updates = [e for _, e in rule.target_updates]
        used = self._used(also=[*updates, *(a.factor for a in rule.accumulators)])
        head = self._time(used) + self._parameters(used | self._rests()) + self._factors(used, "n")
        traces = [rule.pre[a.trace] for a in rule.accumulators if a.trace is not None]
        states = [rule.synapse[a.state] for a in rule.accumulators]
        head += self._decays((*rule.post, *traces, *states), "n")
        integrals = {a.integral for a in rule.accumulators if a.integral is not None}
        head += [f"integral{m} = integrals[{m}, n]" for m in sorted(integrals)]
        lines = self._load("post", rule.post, "i", used) + self._members(used, "post", "i")
        if rule.strategy == "accumulated":
            lines += [self._add(m, a) for m, a in enumerate(rule.accumulators)]
        else:
            lines += self._event()
        for k, value in rule.target_updates:
            lines.append(f"{rule.post[k].ident}_next = {self.printer.expr(value)}")
        for k, _ in rule.target_updates:
            slot = rule.post[k]
            lines.append(f"post[{k}, i] = {self._stored(slot, f'{slot.ident}_next')}")
        return {"fire_head": tuple(head), "fire": tuple(lines)}

    def _rests(self) -> set[str]:
        slots = (*self.rule.pre, *self.rule.post, *self.rule.synapse)
        return self._used(also=[s.rest for s in slots if s.rest is not None])

    def _add(self, m: int, a: Accumulator) -> str:
        trace = None if a.trace is None else self.rule.pre[a.trace].rate
        state = self.rule.synapse[a.state].rate
        text = self.printer.expr(a.factor, 6)
        if trace is not None and trace == state:
            pass
        else:
            text = f"e{trace} * {text}" if trace is not None else text
            text = f"{text} / e{state}" if state is not None else text
        if a.integral is not None:
            text = f"{text} * integral{a.integral}"
        return f"sums[{m}, i] += {text}"

    def _event(self) -> list[str]:
        """Return lines that append a post spike to the events of its target."""
        rule = self.rule
        return [
            "event = event_count[0]",
            "event_count[0] = event + 1",
            "earlier = np.int64(last_event[i])",
            "last_event[i] = event",
            "events[event, 0] = n",
            "events[event, 1] = earlier",
            "events[event, 2] = -1",
            "if earlier >= 0:",
            "    events[earlier, 2] = event",
            "recent[i, 2] = recent[i, 1]",
            "recent[i, 1] = recent[i, 0]",
            "recent[i, 0] = n",
            *(
                f"event_post[event, {k}] = {self._unframed(s, f'post[{k}, i]')}"
                for k, s in enumerate(rule.post)
            ),
        ]

    def _settle(self) -> dict[str, tuple[str, ...]]:
        rule = self.rule
        used = self._used(rule.on_post, also=rule.clip or ()) | self._rests()
        head = self._parameters(used)
        head += self._decays(rule.synapse, "n")
        if rule.strategy == "accumulated":
            head += [f"integral{m} = integrals[{m}, n]" for m in range(rule.integrals)]
        traces = sorted({a.trace for a in rule.accumulators if a.trace is not None})
        cell = [f"{rule.pre[k].ident}_before = pre[{k}, cell]" for k in traces]
        if rule.strategy == "replayed":
            cell.append("since = max(np.int64(arrived[cell]) - base[0], 0)")
        lines = self._bring()
        if rule.clips_after_post and rule.strategy == "accumulated":
            lines += self._clip_weight()
        lines += [f"out[{k}, j] = {s.ident}" for k, s in enumerate(rule.synapse)]
        return {"settle_head": tuple(head), "settle_cell": tuple(cell), "settle": tuple(lines)}

    def _rebase(self) -> list[str]:
        """Write loops: of an operation on a slice Numba compiles its error messages as well."""
        rule = self.rule
        rows = [
            f"pre[{k}, row] *= decay[{slot.rate}, n]"
            for k, slot in enumerate(rule.pre)
            if slot.rate is not None
        ]
        targets = [
            f"post[{k}, i] *= decay[{slot.rate}, n]"
            for k, slot in enumerate(rule.post)
            if slot.rate is not None
        ]
        synapses: list[str] = []
        lines: list[str] = []
        if rule.strategy == "accumulated":
            targets += [f"sums[{k}, i] = 0.0" for k in range(len(rule.accumulators))]
            rests = [(k, s.rest) for k, s in enumerate(rule.synapse) if s.rest is not None]
            lines += self._parameters(self._used(also=[r for _, r in rests]))
            synapses = [f"synapse[{k}, j] -= {self.printer.expr(r, 6)}" for k, r in rests]
        if rule.strategy == "replayed":
            lines.append("event_count[0] = 0")
            targets += ["last_event[i] = -1", "recent[i] = -1"]
        for loop, body in (
            ("for row in range(pre.shape[1]):", rows),
            ("for i in range(own[0], own[1]):", targets),
            ("for j in range(synapse.shape[1]):", synapses),
        ):
            if body:
                lines += [loop, *(f"    {line}" for line in body)]
        return lines

    def view(self, why: str, version: str) -> RuleView:
        """Return everything the template needs."""
        rule = self.rule
        names = learning_arguments(rule)
        arguments = {f: ", ".join(a) for f, a in names.items()}
        decays = [
            f"decay[{m}, n] = bn_exp({self.printer.expr(rate, 6)} * (n * dt))"
            for m, rate in enumerate(rule.rates)
        ]
        rebase = self._rebase() if self.framed else []
        clocks = tuple(self._clock(s, b) for s, b in rule.clocks)
        steps = [s for s, _ in rule.clocks]
        clocked = self._used(*(b for _, b in rule.clocks), also=[*steps, *(rule.clip or ())])
        pieces = {**self._arrive(), **self._fire(), **self._settle(), **self._sweep()}
        comment = {"accumulated": ": the sums of their targets grow",
                   "replayed": ": synapses go through them when they are read",
                   "swept": ": the sweep is theirs"}[rule.strategy]  # fmt: skip
        return RuleView(
            title=f"{rule.name}: a plasticity rule.",
            header=(f"Generated by bnsyn {version}.", "", f"    {rule.strategy}: {why}"),
            source=rule.source,
            functions_text=embed(sorted(self.printer.used)).rstrip("\n"),
            framed=self.framed,
            parameters=tuple(self._parameters(self._used(also=rule.rates))),
            decays=tuple(decays) if decays else ("pass",),
            arrive_arguments=arguments["arrive"],
            fire_arguments=arguments["fire"],
            fire_comment=comment,
            settle_arguments=arguments["settle"],
            settle_call=", ".join("synapse" if n == "out" else n for n in names["settle"]),
            rebase_arguments=arguments.get("rebase", ""),
            rebase_call=", ".join(names.get("rebase", ())),
            rebase=tuple(rebase),
            sweep_arguments=arguments.get("sweep", ""),
            head_parameters=(*self._time(clocked, "(step + 1)"), *self._parameters(clocked)),
            tick_arguments=arguments.get("tick_1", ""),
            clocks=clocks,
            **pieces,
        )
