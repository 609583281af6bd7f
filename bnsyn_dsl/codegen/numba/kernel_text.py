"""What all parts of a system's text share: the kernel, its names, loads of one neuron's values."""

from __future__ import annotations

from collections.abc import Iterable

from bnsyn_dsl.codegen.numba.layout import Layout, call_captures, read_names
from bnsyn_dsl.codegen.numba.printer import Printer
from bnsyn_dsl.ir.names import names_in
from bnsyn_dsl.ir.nodes import Apply, Call, Expr, Kernel, Let
from bnsyn_dsl.ir.operations import RANDOM

__all__ = ["KernelText", "draws"]


class KernelText:
    """One kernel with its names and the printer, which notes the functions that are used."""

    def __init__(self, kernel: Kernel, layout: Layout, printer: Printer) -> None:
        self.kernel, self.layout, self.printer = kernel, layout, printer

    def segment_loads(self, used: set[str]) -> list[str]:
        """Return the loads of a segment's parameters that `used` names."""
        return [
            f"{name} = par[s, {k}]" for k, name in enumerate(self.layout.parameters) if name in used
        ]

    def loads(self, used: set[str], *, states: bool = True) -> list[str]:
        """Return the loads of one neuron's values that `used` names."""
        layout = self.layout
        lines = []
        if self._uses_element(used):
            lines.append("element = begin - segments[s, 0] + i")
        groups = (layout.varying, layout.varied, layout.states if states else (), layout.gathered)
        for group in groups:
            lines += [f"{n} = {layout.here(n)}[i]" for n in group if n in used]
        return lines

    def _uses_element(self, used: set[str]) -> bool:
        return "element" in used or "*random*" in used

    def reads(self, lets: Iterable[Let], *others: Expr | None) -> set[str]:
        """Return every name that is read; `*random*` where anything is drawn."""
        lets = tuple(lets)
        used = read_names(lets, *others) | call_captures(lets, self.kernel)
        if draws(lets, others):
            used.add("*random*")
        return used

    def boxes(self) -> list[tuple[str, str]]:
        """Return the name of what arrived and the block's inbox, for each receptor."""
        pairs = zip(self.kernel.receptors, self.kernel.inboxes, strict=True)
        return [(arrived, f"{self.layout.inbox(r)}_here") for r, (arrived, _) in pairs]

    def refractory_varies(self) -> bool:
        """Whether the refractory period differs between the neurons of a segment."""
        steps = self.kernel.refractory_steps
        assert steps is not None
        return bool(names_in(steps) & set(self.layout.varying + self.layout.varied))


def draws(lets: Iterable[Let], others: Iterable[Expr | None]) -> bool:
    """Tell whether anything in the definitions or the other expressions is random."""

    def inside(expr: object) -> bool:
        if isinstance(expr, Apply):
            return expr.op in RANDOM or any(inside(a) for a in expr.args)
        if isinstance(expr, Call):
            return any(inside(a) for a in expr.arguments)
        return False

    return any(inside(let.value) for let in lets) or any(inside(o) for o in others)
