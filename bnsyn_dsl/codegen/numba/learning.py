"""A plasticity rule as a Numba module: arrivals, post spikes, reading, and the steps it needs.

Arrays, all of one projection and one thread (`post` and `sums` are shared, each thread has its
range of targets):

    synapse  float64[state, synapse]   the weight first; in the frame where the state decays
    pre      float64[state, cell]      cell = presynaptic neuron x delay
    post     float64[state, target]
    sums     float64[sum, target]      what post spikes add, per unit of presynaptic trace
    decay    float64[rate, steps]      decays from the beginning of the frame
    factors  float64[factor, steps]    third factors, integrals float64[integral, steps + 1]
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bnsyn_dsl.abi.embedding import embed
from bnsyn_dsl.codegen.emit import emit
from bnsyn_dsl.codegen.numba.printer import Printer
from bnsyn_dsl.ir.learning import Accumulator, LearningKernel, Slot
from bnsyn_dsl.ir.names import names_in
from bnsyn_dsl.ir.nodes import Expr, Let, Name
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
            names += ["arrived", "newest", "oldest", "last_event", "event_count", "event_step"]
            names += ["event_next", "event_post"]
        case _:
            names.append("fired")
    return tuple(names)


def learning_arguments(rule: LearningKernel) -> dict[str, tuple[str, ...]]:
    """Return the arguments of every function of the module, by its name."""
    framed = rule.strategy != "swept"
    frame = ("base", "decay", "factors", "integrals") if framed else ("dt", "factors")
    members = tuple(f"{ident}_all" for ident, _ in rule.members)
    storage = _storage(rule)
    common = ("place", "par", *frame, *_TABLE, *storage)
    found = {
        "arrive": ("step", "n_threads", *_LOG, "inbox", "status", "ports", "scales", "gain",
                   *(("spike_factors",) if rule.factored else ()), *common, *members),
        "fire": ("step", "thread", *_LOG, "place", "par", *frame, *storage, *members),
        "settle": ("n", *common, "out"),
    }  # fmt: skip
    if framed:
        found["rebase"] = ("n", "own", *common)
    else:
        found["sweep"] = ("step", "own", *common, *members)
    for k, _ in enumerate(rule.clocks, start=1):
        found[f"tick_{k}"] = ("step", "own", *(("dt",) if framed else ()), *common, *members)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _ClockView:
    steps: str
    cell: tuple[str, ...]
    body: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleView:
    """What the template `learning.py.j2` is given."""

    title: str
    header: tuple[str, ...]
    functions_text: str
    framed: bool
    why: str
    parameters: tuple[str, ...]
    decays: tuple[str, ...]
    arrive_arguments: str
    head: tuple[str, ...]
    cell_load: tuple[str, ...]
    bring: tuple[str, ...]
    transmit: tuple[str, ...]
    on_pre: tuple[str, ...]
    store: tuple[str, ...]
    cell_store: tuple[str, ...]
    fire_arguments: str
    fire_comment: str
    fire_head: tuple[str, ...]
    fire: tuple[str, ...]
    settle_arguments: str
    settle_head: tuple[str, ...]
    settle_cell: tuple[str, ...]
    settle: tuple[str, ...]
    settle_call: str
    rebase_arguments: str
    rebase_call: str
    rebase: tuple[str, ...]
    sweep_arguments: str
    sweep_head: tuple[str, ...]
    sweep_cell: tuple[str, ...]
    sweep_load: tuple[str, ...]
    sweep_post: tuple[str, ...]
    sweep_step: tuple[str, ...]
    sweep_rows: tuple[str, ...]
    sweep_targets: tuple[str, ...]
    head_parameters: tuple[str, ...]
    tick_arguments: str
    clocks: tuple[_ClockView, ...]


def print_learning(rule: LearningKernel, why: str, version: str) -> str:
    """Return the text of the rule's module."""
    view = _Writer(rule).view(why, version)
    return emit(templates_directory() / "numba", "learning.py.j2", rule=view)


class _Writer:
    """Writes the lines of one rule."""

    def __init__(self, rule: LearningKernel) -> None:
        self.rule = rule
        self.framed = rule.strategy != "swept"
        self.printer = Printer({})
        self.printer.used |= {"bn_to_fixed", "bn_exp"}

    # ------------------------------------------------------------------------ pieces

    def _used(self, *lets: Iterable[Let], also: Iterable[Expr] = ()) -> set[str]:
        """Return the names that code reads."""
        found: set[str] = set()
        for body in lets:
            for let in body:
                found |= names_in(let.value)
        for expr in also:
            found |= names_in(expr)
        return found

    def _parameters(self, used: set[str]) -> list[str]:
        return [f"{p} = par[{k}]" for k, p in enumerate(self.rule.parameters) if p in used]

    def _factors(self, used: set[str], at: str) -> list[str]:
        return [f"{f} = factors[{k}, {at}]" for k, f in enumerate(self.rule.factors) if f in used]

    def _members(self, used: set[str], side: str, index: str) -> list[str]:
        return [
            f"{ident} = {ident}_all[{index}]"
            for ident, owner in self.rule.members
            if owner == side and ident in used
        ]

    def _decays(self, slots: Sequence[Slot], at: str) -> list[str]:
        """Return `e0 = decay[0, n]` for the rates of these slots."""
        rates = sorted({s.rate for s in slots if s.rate is not None})
        return [f"e{m} = decay[{m}, {at}]" for m in rates] if self.framed else []

    def _unframed(self, slot: Slot, stored: str, decay: str | None = None) -> str:
        """Return the text of a state's value from what is stored."""
        if not self.framed or slot.rate is None:
            return stored
        value = f"{stored} * {decay or f'e{slot.rate}'}"
        return value if slot.rest is None else f"{self.printer.expr(slot.rest, 5)} + {value}"

    def _stored(self, slot: Slot, value: str) -> str:
        """Return what to store of a state's value."""
        if not self.framed or slot.rate is None:
            return value
        if slot.rest is not None:
            value = f"({value} - {self.printer.expr(slot.rest, 6)})"
        return f"{value} / e{slot.rate}"

    def _load(self, array: str, slots: Sequence[Slot], at: str, used: set[str]) -> list[str]:
        return [
            f"{s.ident} = {self._unframed(s, f'{array}[{k}, {at}]')}"
            for k, s in enumerate(slots)
            if s.ident in used
        ]

    def _clip_weight(self) -> list[str]:
        """Return the line that puts a stored weight into its bounds, if it has any."""
        rule = self.rule
        if rule.clip is None:
            return []
        low, high = (self.printer.expr(b) for b in rule.clip)
        self.printer.used.add("bn_clip")
        if isinstance(rule.weight, Name):
            return [f"{rule.weight.ident} = bn_clip({rule.weight.ident}, {low}, {high})"]
        return []

    def _weight(self) -> str:
        rule = self.rule
        text = self.printer.expr(rule.weight, 6)
        if rule.clip is None or isinstance(rule.weight, Name):
            return text
        low, high = (self.printer.expr(b) for b in rule.clip)
        return f"bn_clip({text}, {low}, {high})"

    def _everything(self) -> set[str]:
        """Return all names any code of the rule reads."""
        r = self.rule
        exprs = [e for _, e in (*r.row_updates, *r.target_updates)]
        exprs += [a.factor for a in r.accumulators] + [r.weight, *(r.clip or ())]
        exprs += [s.rest for s in (*r.pre, *r.post, *r.synapse) if s.rest is not None]
        bodies = [r.on_pre, r.on_post, *r.steps.values(), *(b for _, b in r.clocks)]
        return self._used(*bodies, also=exprs)

    # ------------------------------------------------------------- synapses brought to now

    def _bring(self) -> list[str]:
        """Return lines that load the states of synapse j and bring them to step n."""
        match self.rule.strategy:
            case "accumulated":
                return self._bring_sums()
            case "replayed":
                return self._bring_events()
            case _:
                return [f"{s.ident} = synapse[{k}, j]" for k, s in enumerate(self.rule.synapse)]

    def _total(self, k: int, integral: int | None, sign: str, when: str) -> str:
        """Return `+ trace*sum + ...` of the accumulators of synapse state k.

        `when` tells the trace before this arrival from that after it.
        """
        parts = []
        for number, a in enumerate(self.rule.accumulators):
            if a.state == k and a.integral == integral:
                trace = "" if a.trace is None else f"{self.rule.pre[a.trace].ident}_{when} * "
                parts.append(f" {sign} {trace}q{number}")
        return "".join(parts)

    def _drive(
        self, k: int, source: int | None, integral: int, sign: str = "+", when: str = "before"
    ) -> str:
        """Return what the integral since the beginning of the frame adds to state k."""
        if source is None:
            return f" {sign} integral{integral}"
        other = "-" if sign == "+" else "+"
        kept = f"{self.rule.synapse[source].ident}_kept"
        total = self._total(source, None, "+", when)
        inner = f"({kept}{total})" if total else kept
        return f" {sign} {inner} * integral{integral}{self._total(source, integral, other, when)}"

    def _feeds(self, k: int) -> bool:
        return any(source == k for _, source, _ in self.rule.driven)

    def _bring_sums(self) -> list[str]:
        rule = self.rule
        lines = [f"q{m} = sums[{m}, i]" for m, _ in enumerate(rule.accumulators)]
        driven = {state: (source, integral) for state, source, integral in rule.driven}
        for k, slot in enumerate(rule.synapse):
            if self._feeds(k):
                lines.append(f"{slot.ident}_kept = synapse[{k}, j]")
        for k, slot in enumerate(rule.synapse):
            if k in driven:
                lines.append(f"{slot.ident} = synapse[{k}, j]{self._drive(k, *driven[k])}")
                continue
            stored = f"{slot.ident}_kept" if self._feeds(k) else f"synapse[{k}, j]"
            stored += self._total(k, None, "+", "before")
            if slot.rate is not None and " " in stored:
                stored = f"({stored})"
            lines.append(f"{slot.ident} = {self._unframed(slot, stored)}")
        return lines

    def _store_sums(self) -> list[str]:
        rule = self.rule
        driven = {state: (source, integral) for state, source, integral in rule.driven}
        lines = []
        for k, slot in enumerate(rule.synapse):
            if k in driven:
                continue
            value = f"{self._stored(slot, slot.ident)}{self._total(k, None, '-', 'after')}"
            if self._feeds(k):
                lines.append(f"{slot.ident}_kept = {value}")
                value = f"{slot.ident}_kept"
            lines.append(f"synapse[{k}, j] = {value}")
        for k, slot in enumerate(rule.synapse):
            if k in driven:
                drive = self._drive(k, *driven[k], sign="-", when="after")
                lines.append(f"synapse[{k}, j] = {slot.ident}{drive}")
        return lines

    def _moved(self, start: str, end: str) -> list[str]:
        """Return lines that move the synapse's states from one step of the frame to another."""
        rule = self.rule
        lines = []
        for k, source, integral in rule.driven:
            grown = f"(integrals[{integral}, {end}] - integrals[{integral}, {start}])"
            if source is None:
                lines.append(f"{rule.synapse[k].ident} += {grown}")
                continue
            slot = rule.synapse[source]
            scale = "" if slot.rate is None else f" / decay[{slot.rate}, {start}]"
            lines.append(f"{rule.synapse[k].ident} += {slot.ident}{scale} * {grown}")
        for slot in rule.synapse:
            if slot.rate is not None:
                decay = f"decay[{slot.rate}, {end} - {start}]"
                if slot.rest is None:
                    lines.append(f"{slot.ident} *= {decay}")
                else:
                    rest = self.printer.expr(slot.rest, 5)
                    lines.append(f"{slot.ident} = {rest} + ({slot.ident} - {rest}) * {decay}")
        return lines

    def _bring_events(self) -> list[str]:
        rule = self.rule
        used = self._used(rule.on_post) | self._used(also=rule.clip or ())
        moves = bool(self._moved("a", "b"))
        lines = [f"{s.ident} = synapse[{k}, j]" for k, s in enumerate(rule.synapse)]
        if moves:
            lines.append("at = since")
        lines += ["if newest[i] >= since:", "    event = oldest[i]", "    while event >= 0:"]
        inner = ["m = np.int64(event_step[event])", "if m >= since:"]
        body = self._moved("at", "m") + (["at = m"] if moves else [])
        for k, slot in enumerate(rule.pre):
            if slot.ident in used:
                decay = None if slot.rate is None else f"decay[{slot.rate}, m]"
                body.append(f"{slot.ident} = {self._unframed(slot, f'pre[{k}, cell]', decay)}")
        body += [
            f"{s.ident} = event_post[{k}, event]" for k, s in enumerate(rule.post)
            if s.ident in used
        ]  # fmt: skip
        body += self._factors(used, "m")
        body += self._clip_weight() + self.printer.lets(rule.on_post)
        inner += [f"    {line}" for line in body]
        inner.append("event = event_next[event]")
        lines += [f"        {line}" for line in inner]
        return lines + (self._moved("at", "n") if moves else [])

    def _store(self) -> list[str]:
        if self.rule.strategy == "accumulated":
            return self._store_sums()
        return [f"synapse[{k}, j] = {s.ident}" for k, s in enumerate(self.rule.synapse)]

    # ---------------------------------------------------------------------- functions

    def _arrive(self) -> dict[str, tuple[str, ...]]:
        rule = self.rule
        updates = [e for _, e in rule.row_updates]
        used = self._everything()
        head = self._parameters(used) + self._factors(
            self._used(rule.on_pre, also=updates), "n" if self.framed else "0"
        )
        slots = (*rule.pre, *rule.post, *rule.synapse)
        head += self._decays(slots, "n")
        if rule.strategy == "accumulated":
            head += [f"integral{m} = integrals[{m}, n]" for m in range(rule.integrals)]
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
            replayed = self._used(rule.on_post)
            both = replayed & pre_used
            restore = self._load("pre", rule.pre, "cell", both) + self._factors(both, "n")
        return {
            "head": tuple(head),
            "cell_load": tuple(cell),
            "bring": (*bring, *restore, *post),
            "transmit": tuple(self._transmit()),
            "on_pre": tuple(self.printer.lets(rule.on_pre)),
            "store": tuple(self._store()),
            "cell_store": tuple(
                [f"pre[{k}, cell] = {rule.pre[k].ident}_after" for k, _ in rule.row_updates]
                + (["arrived[cell] = step"] if rule.strategy == "replayed" else [])
            ),
        }

    def _transmit(self) -> list[str]:
        factor = " * spike_factors[q, p]" if self.rule.factored else ""
        return [
            *self._clip_weight(),
            f"sent = {self._weight()} * gain[0]{factor}",
            "for port in range(ports.shape[0]):",
            "    amount = sent * scales[port]",
            "    if not abs(amount) <= 1125899906842624.0:",
            "        status[0] = 3",
            "        amount = 0.0",
            "    inbox[np.uint64(ports[port]) + i] += bn_to_fixed(amount, 1.0)",
        ]

    def _fire(self) -> dict[str, tuple[str, ...]]:
        rule = self.rule
        if rule.strategy == "swept":
            return {"fire_head": (), "fire": ("fired[i] = 1",)}
        updates = [e for _, e in rule.target_updates]
        used = self._used(also=[*updates, *(a.factor for a in rule.accumulators)])
        head = self._parameters(used | self._rests()) + self._factors(used, "n")
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
            "event_step[event] = n",
            "event_next[event] = -1",
            *(
                f"event_post[{k}, event] = {self._unframed(s, f'post[{k}, i]')}"
                for k, s in enumerate(rule.post)
            ),
            "if newest[i] < 0:",
            "    oldest[i] = event",
            "else:",
            "    event_next[last_event[i]] = event",
            "newest[i] = n",
            "last_event[i] = event",
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
        rule = self.rule
        lines = []
        for k, slot in enumerate(rule.pre):
            if slot.rate is not None:
                lines.append(f"pre[{k}, :] *= decay[{slot.rate}, n]")
        for k, slot in enumerate(rule.post):
            if slot.rate is not None:
                lines.append(f"post[{k}, own[0]:own[1]] *= decay[{slot.rate}, n]")
        if rule.strategy == "accumulated" and rule.accumulators:
            lines.append("sums[:, own[0]:own[1]] = 0.0")
        if rule.strategy == "replayed":
            lines += ["event_count[0] = 0", "newest[own[0]:own[1]] = -1"]
        return lines

    def _sweep(self) -> dict[str, tuple[str, ...]]:
        rule = self.rule
        if self.framed:
            names = ("head", "cell", "load", "post", "step", "rows", "targets")
            return {f"sweep_{n}": () for n in names}
        updates = [e for _, e in rule.target_updates]
        used = self._used(rule.on_post, *rule.steps.values(), also=[*updates, *(rule.clip or ())])
        cell = self._load("pre", rule.pre, "cell", used)
        members = self._members(used, "pre", "cell // n_delays")
        load = [f"{s.ident} = synapse[{k}, j]" for k, s in enumerate(rule.synapse)]
        load += self._load("post", rule.post, "i", used) + self._members(used, "post", "i")
        next_post = [
            f"{rule.post[k].ident}_next = {self.printer.expr(value)}"
            for k, value in rule.target_updates
        ]
        next_post += [
            f"{rule.post[k].ident} = {rule.post[k].ident}_next" for k, _ in rule.target_updates
        ]
        step = self.printer.lets(rule.steps["synapse"])
        step += [f"synapse[{k}, j] = {s.ident}" for k, s in enumerate(rule.synapse)]
        rows = self.printer.lets(rule.steps["pre"])
        rows += [f"pre[{k}, cell] = {s.ident}" for k, s in enumerate(rule.pre)] if rows else []
        targets = self._load("post", rule.post, "i", {s.ident for s in rule.post})
        targets += self._members(used, "post", "i")
        if next_post:
            targets += ["if fired[i] != 0:", *(f"    {line}" for line in next_post)]
        targets += self.printer.lets(rule.steps["post"])
        targets += [f"post[{k}, i] = {s.ident}" for k, s in enumerate(rule.post)]
        post = self.printer.lets(rule.on_post) + (next_post if step else [])
        return {
            "sweep_head": tuple(self._parameters(used) + self._factors(used, "0")),
            "sweep_cell": tuple(cell + members),
            "sweep_load": tuple(load),
            "sweep_post": tuple(self._clip_weight() + post if rule.on_post else next_post),
            "sweep_step": tuple(step),
            "sweep_rows": tuple(
                (self._load("pre", rule.pre, "cell", {s.ident for s in rule.pre}) + members + rows)
                if rows else []
            ),
            "sweep_targets": tuple(targets),
        }  # fmt: skip

    def _clock(self, steps: Expr, body: Iterable[Let]) -> _ClockView:
        rule = self.rule
        lets = tuple(body)
        used = self._used(lets, also=rule.clip or ())
        lines = [f"{s.ident} = synapse[{k}, j]" for k, s in enumerate(rule.synapse)]
        cell = [
            f"{s.ident} = {'' if s.rest is None else self.printer.expr(s.rest, 5) + ' + '}"
            f"pre[{k}, cell]" for k, s in enumerate(rule.pre) if s.ident in used
        ]  # fmt: skip
        lines += [
            f"{s.ident} = {'' if s.rest is None else self.printer.expr(s.rest, 5) + ' + '}"
            f"post[{k}, i]" for k, s in enumerate(rule.post) if s.ident in used
        ]  # fmt: skip
        cell += self._factors(used, "n - 1" if self.framed else "0")
        cell += self._members(used, "pre", "cell // n_delays")
        lines += self._members(used, "post", "i") + self._clip_weight()
        lines += self.printer.lets(lets)
        lines += [f"synapse[{k}, j] = {s.ident}" for k, s in enumerate(rule.synapse)]
        return _ClockView(steps=self.printer.expr(steps), cell=tuple(cell), body=tuple(lines))

    # --------------------------------------------------------------------------- view

    def view(self, why: str, version: str) -> RuleView:
        """Return everything the template needs."""
        rule = self.rule
        arguments = {f: ", ".join(a) for f, a in learning_arguments(rule).items()}
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
            functions_text=embed(sorted(self.printer.used)).rstrip("\n"),
            framed=self.framed,
            why=why,
            parameters=tuple(self._parameters(self._used(also=rule.rates))),
            decays=tuple(decays) if decays else ("pass",),
            arrive_arguments=arguments["arrive"],
            fire_arguments=arguments["fire"],
            fire_comment=comment,
            settle_arguments=arguments["settle"],
            settle_call=arguments["settle"].replace(", out", ", synapse"),
            rebase_arguments=arguments.get("rebase", ""),
            rebase_call=arguments.get("rebase", ""),
            rebase=tuple(rebase),
            sweep_arguments=arguments.get("sweep", ""),
            head_parameters=tuple(self._parameters(clocked)),
            tick_arguments=arguments.get("tick_1", ""),
            clocks=clocks,
            **pieces,
        )
