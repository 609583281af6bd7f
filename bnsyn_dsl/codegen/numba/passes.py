"""The loops over the neurons of a block: integration, threshold, spikes, and their short cuts."""

from __future__ import annotations

from dataclasses import replace

from bnsyn_dsl.codegen.numba.kernel_text import KernelText, draws
from bnsyn_dsl.codegen.numba.layout import bound_names
from bnsyn_dsl.codegen.numba.near import NearTest, near_lets, near_test
from bnsyn_dsl.codegen.numba.substep_text import SubstepText
from bnsyn_dsl.codegen.views import SubstepView

__all__ = ["Passes"]


class Passes(KernelText):
    """Bodies of the loops over one block of neurons."""

    def passes(self) -> tuple[list[str], SubstepView | None, list[str], list[str]]:
        """Return the first pass, the sub-stepping, the second pass and what spikes do."""
        kernel = self.kernel
        if kernel.substep is None:
            first = self._loop(near=False)
            return first, None, [], self._spikes()
        if self._tests_inside():
            first = self._head(with_clock=False) + self._needs(test=True) + self._stores()
            return first, self._sub_steps(inside=True), [], []
        first = self._head(with_clock=False) + self._needs(test=False) + self._stores()
        second = self._second_pass()
        return first, self._sub_steps(inside=False), second, self._spikes()

    def _tests_inside(self) -> bool:
        """Whether the threshold is a plain level that can be tested inside the step."""
        kernel = self.kernel
        if kernel.condition is None:
            return False
        random = draws(kernel.before_condition, (kernel.condition,))
        return not (kernel.is_edge or random or kernel.clock)

    def near(self) -> tuple[list[str], list[str]]:
        """Return the first look at a block and its cheaper loop, both empty where none pays."""
        test = near_test(self.kernel)
        if test is None:
            return [], []
        return self._look(test), self._loop(near=True)

    def _look(self, test: NearTest) -> list[str]:
        """Return arrivals and the exponents of the step; `far` tells whether one is not near 0."""
        kernel, layout = self.kernel, self.layout
        lets = [let for let in test.lets if let not in kernel.arrive]
        written = [n for n in layout.states if n in bound_names(kernel.arrive)]
        used = self.reads([*kernel.arrive, *lets])
        lines = self._arrivals(used | set(written))
        lines += self.printer.lets([replace(let, comment=None) for let in lets])
        lines += [f"{layout.here(n)}[i] = {n}" for n in written]
        self.printer.used |= {"bn_near"}
        for name in test.arguments:
            lines.append(f"{layout.old(name)}[i] = {name}")
            lines.append(f"far = np.int8(far | np.int8(0 if abs({name}) <= bn_near else 1))")
        return lines

    def _loop(self, *, near: bool) -> list[str]:
        """Return one fixed step: where a look went before, arrivals and exponents are there."""
        kernel = self.kernel
        test = near_test(kernel)
        if test is None:
            return self._head(with_clock=True) + self._threshold(store=True)
        lets = tuple(let for let in kernel.integrate if let.names[0] not in test.arguments)
        tested = (kernel.condition,) if kernel.condition is not None else ()
        used = self.reads([*lets, *kernel.clock, *kernel.before_condition], *tested)
        lines = self.loads(used | set(self.layout.states))
        lines += [f"{name} = {self.layout.old(name)}[i]" for name in test.arguments]
        if self.layout.has_refractory:
            lines.append("resting = refractory_here[i] > 0")
        lines += self.printer.lets(near_lets(lets) if near else lets)
        return lines + self.printer.lets(kernel.clock) + self._threshold(store=True)

    def _arrivals(self, used: set[str]) -> list[str]:
        lines = self.loads(used)
        for arrived, inbox in self.boxes():
            lines += [f"{arrived} = {inbox}[i]", f"{inbox}[i] = 0"]
        if self.layout.has_refractory:
            lines.append("resting = refractory_here[i] > 0")
        return lines + self.printer.lets(self.kernel.arrive)

    def _head(self, *, with_clock: bool) -> list[str]:
        kernel, layout = self.kernel, self.layout
        lets = [*kernel.arrive, *kernel.integrate, *(kernel.clock if with_clock else ())]
        tested = (kernel.condition,) if kernel.condition is not None else ()
        used = self.reads([*lets, *kernel.before_condition], *tested) | set(layout.states)
        lines = self._arrivals(used)
        if kernel.substep is not None:
            lines += [f"{layout.old(n)}[i] = {n}" for n in layout.states]
        lines += self.printer.lets(kernel.integrate)
        if with_clock:
            lines += self.printer.lets(kernel.clock)
        return lines

    def _stores(self) -> list[str]:
        layout = self.layout
        return [f"{layout.here(n)}[i] = {n}" for n in layout.states]

    def health(self) -> list[str]:
        """Return what marks a block in which a state is not finite."""
        states = [f"{self.layout.here(n)}[i]" for n in self.layout.states]
        if not states:
            return []
        total = " + ".join(states)
        return [f"bad = np.int8(bad | np.int8(0 if abs({total}) < np.inf else 1))"]

    def _countdown(self) -> list[str]:
        if not self.layout.has_refractory:
            return []
        return [
            "left = refractory_here[i]",
            "left = np.int32(left - 1 if left > 0 else 0)",
            "refractory_here[i] = left",
        ]

    def _threshold(self, *, store: bool) -> list[str]:
        """Count refractoriness down, test the threshold, mark who spikes."""
        kernel = self.kernel
        lines = self._countdown()
        if kernel.condition is not None:
            lines += self.printer.lets(kernel.before_condition)
            condition = self.printer.expr(kernel.condition, 2)
            ready = "(left == 0)" if self.layout.has_refractory else ""
            if kernel.is_edge:
                lines.append(f"reached = {condition}")
                lines.append("was = above_here[i]")
                free = f" & {ready}" if ready else ""
                lines.append(f"hit = np.int8(1 if reached & (was == 0){free} else 0)")
                keep = (
                    f"(1 if reached else 0) if {ready} else was"
                    if ready
                    else ("1 if reached else 0")
                )
                lines.append(f"above_here[i] = {keep}")
            else:
                lines.append(
                    f"hit = np.int8(1 if ({condition}){f' & {ready}' if ready else ''} else 0)"
                )
            lines += ["spiked[i] = hit", "found = np.int8(found | hit)"]
        return lines + (self._stores() if store else [])

    def _needs(self, *, test: bool) -> list[str]:
        """Mark the neurons that have to be integrated again in sub-steps."""
        kernel = self.kernel
        lines = []
        if test:
            lines = self._countdown()
            lines += self.printer.lets(kernel.before_condition)
            assert kernel.condition is not None
            condition = self.printer.expr(kernel.condition, 2)
            ready = " & (left == 0)" if self.layout.has_refractory else ""
            lines.append(f"reached = ({condition}){ready}")
            lines.append("again = np.int8(0 if accepted & (not reached) else 1)")
        else:
            lines.append("again = np.int8(0 if accepted else 1)")
        if self.layout.has_refractory:
            lines.append("again = np.int8(2 * again if resting else again)")
        return [*lines, "spiked[i] = again", "found = np.int8(found | again)"]

    def _second_pass(self) -> list[str]:
        kernel = self.kernel
        lets = [*kernel.clock, *kernel.before_condition]
        tested = (kernel.condition,) if kernel.condition is not None else ()
        used = self.reads(lets, *tested)
        written = bound_names(kernel.clock) & set(self.layout.states)
        lines = self.loads(used | written)
        if self.layout.has_refractory:
            lines.append("resting = refractory_here[i] > 0")
        lines += self.printer.lets(kernel.clock)
        lines += self._threshold(store=False)
        lines += [f"{self.layout.here(n)}[i] = {n}" for n in self.layout.states if n in written]
        return lines

    def _spikes(self) -> list[str]:
        kernel, layout = self.kernel, self.layout
        if kernel.condition is None:
            return []
        used = self.reads(kernel.reset, kernel.refractory_steps)
        written = [n for n in layout.states if n in bound_names(kernel.reset)]
        lines = self.loads(used | set(written))
        lines += self.printer.lets(kernel.reset)
        lines += [f"{layout.here(n)}[i] = {n}" for n in written]
        return lines + self._emit_spike()

    def _emit_spike(self) -> list[str]:
        lines = []
        if self.layout.has_refractory:
            if self.refractory_varies():
                steps = self.kernel.refractory_steps
                assert steps is not None
                lines.append(f"rest = np.int32({self.printer.expr(steps)})")
            lines.append("refractory_here[i] = rest")
        return [*lines, "spikes[n] = first_id + begin + i", "n += 1"]

    def _sub_steps(self, *, inside: bool) -> SubstepView:
        return SubstepText(self.kernel, self.layout, self.printer).substep(inside=inside)
