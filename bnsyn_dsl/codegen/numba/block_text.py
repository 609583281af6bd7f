"""What stands before the loops over neurons: values of a segment and of a step, array parts."""

from __future__ import annotations

from bnsyn_dsl.codegen.numba.kernel_text import KernelText
from bnsyn_dsl.codegen.numba.layout import call_captures, read_names
from bnsyn_dsl.ir.names import names_in

__all__ = ["BlockText"]


class BlockText(KernelText):
    """Lines that load what all neurons of a segment or of a block share."""

    def _all_reads(self) -> set[str]:
        kernel = self.kernel
        lets = (
            *kernel.per_step,
            *kernel.arrive,
            *kernel.integrate,
            *kernel.clock,
            *kernel.before_condition,
            *kernel.reset,
            *(let for _, lets, _ in kernel.observables for let in lets),
        )
        used = read_names(lets, kernel.condition, kernel.refractory_steps)
        used |= call_captures(kernel.integrate, kernel)
        for function in kernel.functions:
            used |= set(function.captured)
        for _, period in kernel.periods:
            used |= names_in(period)
        for _, _, value in kernel.observables:
            used |= names_in(value)
        return used

    def scalars(self) -> list[str]:
        """Return what is the same for all neurons of a segment."""
        used = self._all_reads()
        lines = self.segment_loads(used)
        formulas = {let.names[0]: let.comment for let in self.kernel.invariants}
        for k, name in enumerate(self.layout.derived):
            if name in used:
                formula = f"  # {formulas[name]}" if formulas.get(name) else ""
                lines.append(f"{name} = derived[s, {k}]{formula}")
        return lines

    def step_scalars(self) -> list[str]:
        """Return what only a step needs: values of its beginning, clocks, fixed point."""
        lines = self.printer.lets(self.kernel.per_step)
        for flag, period in self.kernel.periods:
            lines.append(f"{flag} = (step + 1) % int({self.printer.expr(period)}) == 0")
        if self.kernel.refractory_steps is not None and not self.refractory_varies():
            lines.append(f"rest = np.int32({self.printer.expr(self.kernel.refractory_steps)})")
        lines += [f"{quantum} = quanta[{k}]" for k, (_, quantum) in enumerate(self.kernel.inboxes)]
        return lines

    def blocks(self) -> list[str]:
        """Return the parts of arrays that belong to the block at hand."""
        layout = self.layout
        used = self._all_reads() | set(layout.states)
        arrays = [*layout.varying, *layout.states, *layout.gathered]
        lines = [f"{layout.here(n)} = {layout.array(n)}[begin:end]" for n in arrays if n in used]
        lines += [
            f"{layout.here(n)} = varied[{k}, begin:end]"
            for k, n in enumerate(layout.varied)
            if n in used
        ]
        for extra in self._flags():
            lines.append(f"{extra}_here = {extra}[begin:end]")
        lines += [
            f"{layout.inbox(r)}_here = {layout.inbox(r)}[begin:end]" for r in self.kernel.receptors
        ]
        kept = layout.states if self.kernel.substep is not None else ()
        lines += [f"{layout.old(n)} = scratch[{k}]" for k, n in enumerate(kept)]
        return lines

    def _flags(self) -> list[str]:
        flags = ["refractory"] if self.layout.has_refractory else []
        return [*flags, "above"] if self.kernel.is_edge else flags
