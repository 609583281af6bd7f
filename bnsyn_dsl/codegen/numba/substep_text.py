"""Sub-steps of single neurons: those whose error was too large or that reached threshold."""

from __future__ import annotations

from collections.abc import Sequence

from bnsyn_dsl.codegen.numba.kernel_text import KernelText
from bnsyn_dsl.codegen.numba.layout import bound_names, read_names
from bnsyn_dsl.codegen.views import SubstepView
from bnsyn_dsl.ir.nodes import Let

__all__ = ["SubstepText"]


class SubstepText(KernelText):
    """Lines of the loop that takes one neuron through a step in sub-steps."""

    def substep(self, *, inside: bool) -> SubstepView:
        """Return the sub-steps; `inside` with threshold and reset where they fall."""
        kernel, layout = self.kernel, self.layout
        sub = kernel.substep
        assert sub is not None
        functions = {f.name: f for f in kernel.functions}
        moving, still = list(sub.states), list(sub.still)
        slopes = [f"{s}_slope1" for s in moving]
        slope_args = ", ".join([*moving, *still, *functions[sub.slopes].captured])
        new = [f"{s}_new" for s in moving]
        last = [f"{s}_slope4" for s in moving]
        attempt_args = [*moving, *slopes, *still, "stepped", *functions[sub.step].captured]
        held = self._held_lets()
        captured = set(functions[sub.slopes].captured) | set(functions[sub.step].captured)
        alone = "," if len(slopes) == 1 else ""
        first_slopes = f"{', '.join(slopes)}{alone} = {sub.slopes}({slope_args})"
        new_args = ", ".join([*new, *still, *functions[sub.slopes].captured])
        comma = "," if len(last) == 1 else ""
        reset_writes = bound_names(kernel.reset) & set(layout.states)
        stored = [n for n in layout.states if n not in sub.exact or (inside and n in reset_writes)]
        load_names = captured | self.reads(held) | read_names(sub.limits)
        if inside:
            tested = (kernel.condition, kernel.refractory_steps)
            load_names |= read_names((*kernel.before_condition, *kernel.reset), *tested)
        load = self.loads(load_names, states=False)
        load += [f"{n} = {layout.old(n)}[i]" for n in layout.states]
        if layout.has_refractory:
            load.append("resting = spiked[i] == 2")
        return SubstepView(
            load=tuple(load),
            before=tuple(self.printer.lets(held)),
            first_slopes=first_slopes,
            attempt=f"{', '.join([*new, *last, 'accepted', 'easy'])} = "
            f"{sub.step}({', '.join(attempt_args)})",
            finite=f"abs({' + '.join(new)}) < np.inf",
            lost=tuple(f"{s} = {s}_new" for s in moving),
            forced=(
                *(f"{s}_new = {s} + stepped * {s}_slope1" for s in moving),
                f"{', '.join(last)}{comma} = {sub.slopes}({new_args})",
            ),
            keep=(
                *(f"{s}_before = {s}" for s in moving if inside),
                *(f"{s} = {s}_new" for s in moving),
                *self.printer.lets(sub.limits),
            ),
            back=tuple(f"{s} = {s}_before" for s in moving),
            # the slope at the end of a sub-step is that at the beginning of the next, unless
            # a bound moved the state
            follow=(first_slopes,)
            if sub.limits
            else tuple(f"{s}_slope1 = {s}_slope4" for s in moving),
            threshold=tuple(self.printer.lets(kernel.before_condition)) if inside else (),
            condition=self._inside_condition() if inside else "",
            reset=tuple(self._inside_reset(first_slopes)) if inside else (),
            store=tuple(self._inside_store(stored, inside=inside)),
        )

    def _held_lets(self) -> list[Let]:
        """Return the wired values that sub-steps read, formed again for one neuron."""
        kernel = self.kernel
        captured = {n for f in kernel.functions for n in f.captured}
        captured |= read_names((*kernel.before_condition, *kernel.reset), kernel.condition)
        captured -= set(kernel.substep.states) if kernel.substep is not None else set()
        return [
            let for let in self.kernel.integrate if len(let.names) == 1 and let.names[0] in captured
        ]

    def _inside_condition(self) -> str:
        assert self.kernel.condition is not None
        text = self.printer.expr(self.kernel.condition, 2)
        return f"({text}) and refractory_here[i] == 0" if self.layout.has_refractory else text

    def _inside_reset(self, first_slopes: str) -> list[str]:
        lines = self.printer.lets(self.kernel.reset)
        if self.layout.has_refractory:
            if self.refractory_varies():
                steps = self.kernel.refractory_steps
                assert steps is not None
                lines.append(f"rest = np.int32({self.printer.expr(steps)})")
            lines += ["refractory_here[i] = rest", "resting = rest > 0"]
        return [*lines, first_slopes]

    def _inside_store(self, stored: Sequence[str], *, inside: bool) -> list[str]:
        layout = self.layout
        lines = [f"{layout.here(n)}[i] = {n}" for n in stored]
        if inside:
            lines += ["if fired:", "    spikes[n] = first_id + begin + i", "    n += 1"]
        return lines
