"""Loops over all synapses: one step of a rule that is swept, and what runs `every` period."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bnsyn_dsl.codegen.numba.learning_bring import SynapseLines
from bnsyn_dsl.codegen.numba.learning_view import ClockView
from bnsyn_dsl.ir.learning import Slot
from bnsyn_dsl.ir.nodes import Expr, Let

__all__ = ["SweepLines"]


class SweepLines(SynapseLines):
    """Writes the bodies of `sweep` and of the clocks."""

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
        post = self.printer.lets(rule.on_post) + (next_post if step or not rule.on_post else [])
        return {
            "sweep_head": tuple(self._parameters(used) + self._factors(used, "0")),
            "sweep_cell": tuple(cell + members),
            "sweep_load": tuple(load),
            "sweep_post": tuple(self._clip_where_read(rule.on_post) + post),
            "sweep_step": tuple(step),
            "sweep_rows": tuple(
                (self._load("pre", rule.pre, "cell", {s.ident for s in rule.pre}) + members + rows)
                if rows else []
            ),
            "sweep_targets": tuple(targets),
        }  # fmt: skip

    def _clock(self, steps: Expr, body: Iterable[Let]) -> ClockView:
        rule = self.rule
        lets = tuple(body)
        used = self._used(lets, also=rule.clip or ())
        lines = [f"{s.ident} = synapse[{k}, j]" for k, s in enumerate(rule.synapse)]
        cell = self._load_at_tick("pre", rule.pre, "cell", used)
        lines += self._load_at_tick("post", rule.post, "i", used)
        cell += self._factors(used, "n - 1" if self.framed else "0")
        cell += self._members(used, "pre", "cell // n_delays")
        lines += self._members(used, "post", "i") + self._clip_where_read(lets)
        lines += self.printer.lets(lets)
        lines += [f"synapse[{k}, j] = {s.ident}" for k, s in enumerate(rule.synapse)]
        return ClockView(steps=self.printer.expr(steps), cell=tuple(cell), body=tuple(lines))

    def _load_at_tick(
        self, array: str, slots: Sequence[Slot], at: str, used: set[str]
    ) -> list[str]:
        """Return lines that load states where a frame, if there are any, has just begun."""
        lines = []
        for k, slot in enumerate(slots):
            if slot.ident in used:
                kept = slot.rest if self.framed else None
                rest = "" if kept is None else f"{self.printer.expr(kept, 5)} + "
                lines.append(f"{slot.ident} = {rest}{array}[{k}, {at}]")
        return lines
