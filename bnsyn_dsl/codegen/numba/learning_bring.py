"""How the states of a synapse are brought to the present step, and stored again.

accumulated   from what is stored and the sums of its target
replayed      through the post spikes since its last arrival, one by one
swept         they are at the present step already
"""

from __future__ import annotations

from bnsyn_dsl.codegen.numba.learning_lines import RuleLines

__all__ = ["SynapseLines"]


class SynapseLines(RuleLines):
    """Writes the lines around the states of synapse j of presynaptic `cell` and target i."""

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
        lines += [
            "event = -1  # the first post spike since the last arrival",
            "earlier = np.int64(last_event[i])",
            "while earlier >= 0 and events[earlier, 0] >= since:",
            "    event = earlier",
            "    earlier = np.int64(events[earlier, 1])",
            "while event >= 0:",
        ]
        body = ["m = np.int64(events[event, 0])"]
        body += self._moved("at", "m") + (["at = m"] if moves else [])
        for k, slot in enumerate(rule.pre):
            if slot.ident in used:
                decay = None if slot.rate is None else f"decay[{slot.rate}, m]"
                body.append(f"{slot.ident} = {self._unframed(slot, f'pre[{k}, cell]', decay)}")
        body += [
            f"{s.ident} = event_post[event, {k}]" for k, s in enumerate(rule.post)
            if s.ident in used
        ]  # fmt: skip
        body += self._factors(used, "m")
        body += self._clip_where_read(rule.on_post) + self.printer.lets(rule.on_post)
        body.append("event = np.int64(events[event, 2])")
        lines += [f"    {line}" for line in body]
        return lines + (self._moved("at", "n") if moves else [])

    def _has_recent(self) -> bool:
        """Tell whether the last post spikes of a target are enough for most synapses.

        Then nothing moves between events, and a post spike needs no more than its step.
        """
        rule = self.rule
        used = self._used(rule.on_post)
        known = {s.ident for s in rule.post} | set(rule.factors)
        return rule.strategy == "replayed" and not self._moved("a", "b") and not used & known

    def _bring_recent(self) -> list[str]:
        """Return lines that replay up to two post spikes without a branch, in packed arithmetic.

        A synapse with more is left as it is and noted in `crowded`.
        """
        rule = self.rule
        used = self._used(rule.on_post)
        lines = [f"{s.ident} = synapse[{k}, j]" for k, s in enumerate(rule.synapse)]
        lines += [
            "lost = recent[i, 2] >= since",
            "crowded |= np.int64(lost)",
            "for later in range(2):",
        ]
        body = ["m = np.int64(recent[i, 1 - later])"]
        for k, slot in enumerate(rule.pre):
            if slot.ident in used:
                decay = None if slot.rate is None else f"decay[{slot.rate}, np.uint64(max(m, 0))]"
                body.append(f"{slot.ident} = {self._unframed(slot, f'pre[{k}, cell]', decay)}")
        changed = {name for let in rule.on_post for name in let.names}
        states = [s.ident for s in rule.synapse if s.ident in changed]
        body += [f"{s}_before = {s}" for s in states]
        body += self.printer.lets(rule.on_post)
        body += [f"{s} = {s} if m >= since else {s}_before" for s in states]
        lines += [f"    {line}" for line in body]
        return lines + [
            f"synapse[{k}, j] = synapse[{k}, j] if lost else {s.ident}"
            for k, s in enumerate(rule.synapse)
        ]

    def _store(self) -> list[str]:
        if self.rule.strategy == "accumulated":
            return self._store_sums()
        return [f"synapse[{k}, j] = {s.ident}" for k, s in enumerate(self.rule.synapse)]
