"""The text of `prepare`: propagators and everything else that stays the same during a run."""

from __future__ import annotations

from bnsyn_dsl.codegen.numba.kernel_text import KernelText
from bnsyn_dsl.codegen.numba.layout import read_names
from bnsyn_dsl.codegen.views import MatrixView
from bnsyn_dsl.ir.names import names_in
from bnsyn_dsl.ir.nodes import MatrixExponential

__all__ = ["PrepareText"]


class PrepareText(KernelText):
    """Lines of `prepare`, per segment and per neuron."""

    def prepare_reads(self) -> set[str]:
        """Return every name that `prepare` reads."""
        kernel = self.kernel
        used = read_names((*kernel.invariants, *kernel.varied))
        for matrix in (*kernel.propagators, *kernel.varied_propagators):
            for _, _, entry in matrix.entries:
                used |= names_in(entry)
        return used

    def matrix(self, matrix: MatrixExponential, place: str) -> MatrixView:
        """Return one matrix exponential, its results stored at `place`."""
        home = self.layout.derived if place.startswith("derived") else self.layout.varied
        fraction = "dt" if matrix.fraction == 1.0 else f"{matrix.fraction} * dt"
        return MatrixView(
            size=matrix.size,
            fraction=fraction,
            entries=tuple(f"A[{i}, {j}] = {self.printer.expr(e)}" for i, j, e in matrix.entries),
            results=tuple(
                line
                for i, j, name in matrix.results
                for line in (
                    f"{name} = P[{i}, {j}]",
                    f"{place.format(home.index(name))} = {name}",
                )
            ),
            comment=f"{matrix.name} = exp(A*{fraction})",
        )

    def derived(self) -> list[str]:
        """Return what is computed once for each segment."""
        lines = []
        for let in self.kernel.invariants:
            lines += self.printer.let(let)
            lines.append(f"derived[s, {self.layout.derived.index(let.names[0])}] = {let.names[0]}")
        return lines

    def varied_loads(self) -> list[str]:
        """Return the loads of one neuron's parameters."""
        if not self.layout.varied:
            return []
        used = self.prepare_reads()
        lines = [f"{n} = {self.layout.array(n)}[i]" for n in self.layout.varying if n in used]
        return lines or ["pass"]

    def varied(self) -> list[str]:
        """Return what is computed once for each neuron."""
        lines = []
        for let in self.kernel.varied:
            lines += self.printer.let(let)
            lines.append(f"varied[{self.layout.varied.index(let.names[0])}, i] = {let.names[0]}")
        return lines
