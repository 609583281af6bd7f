"""Lines that the functions of a plasticity rule share: loads, decays, frames and bounds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bnsyn_dsl.codegen.numba.printer import Printer
from bnsyn_dsl.ir.learning import LearningKernel, Slot
from bnsyn_dsl.ir.names import names_in
from bnsyn_dsl.ir.nodes import Expr, Let, Name

__all__ = ["RuleLines"]


class RuleLines:
    """Writes lines of one rule; what needs functions of `abi` is noted in the printer."""

    def __init__(self, rule: LearningKernel) -> None:
        self.rule = rule
        self.framed = rule.strategy != "swept"
        self.printer = Printer({})
        self.printer.used |= {"bn_to_fixed", "bn_exp", "bn_distinct_arrays", "bn_prefetch"}

    def _used(self, *lets: Iterable[Let], also: Iterable[Expr] = ()) -> set[str]:
        """Return the names that code reads."""
        found: set[str] = set()
        for body in lets:
            for let in body:
                found |= names_in(let.value)
        for expr in also:
            found |= names_in(expr)
        return found

    def _time(self, used: set[str], step: str = "step") -> list[str]:
        return [f"t = {step} * dt"] if "t" in used else []

    def _parameters(self, used: set[str]) -> list[str]:
        reciprocals = [(r, p) for r, p in self.rule.reciprocals if r in used]
        wanted = used | {p for _, p in reciprocals}
        lines = [f"{p} = par[{k}]" for k, p in enumerate(self.rule.parameters) if p in wanted]
        return lines + [f"{r} = 1.0 / {p}" for r, p in reciprocals]

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

    def _clip_where_read(self, body: Iterable[Let]) -> list[str]:
        """Return that line in front of a handler that reads the weight.

        Others leave a weight outside of its bounds, whatever the strategy.
        """
        weight = self.rule.weight
        reads = isinstance(weight, Name) and weight.ident in self._used(body)
        return self._clip_weight() if reads else []

    def _weight(self) -> str:
        rule = self.rule
        text = self.printer.expr(rule.weight, 6)
        if rule.clip is None or isinstance(rule.weight, Name):
            return text
        low, high = (self.printer.expr(b) for b in rule.clip)
        return f"bn_clip({text}, {low}, {high})"
