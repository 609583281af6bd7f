"""The loops over the neurons of a block: integration, threshold, spikes, and their short cuts."""

from __future__ import annotations

from bnsyn_dsl.codegen.numba.kernel_text import KernelText, draws
from bnsyn_dsl.codegen.numba.layout import bound_names
from bnsyn_dsl.codegen.numba.near import near_arguments, near_lets
from bnsyn_dsl.codegen.numba.substep_text import SubstepText
from bnsyn_dsl.codegen.views import SubstepView

__all__ = ["Passes"]


class Passes(KernelText):
    """Bodies of the loops over one block of neurons."""

    def passes(self) -> tuple[list[str], SubstepView | None, list[str], list[str]]:
        """Return the first pass, the sub-stepping, the second pass and what spikes do."""
        kernel = self.kernel
        if kernel.substep is None:
            first = self._apart() if near_arguments(kernel) else self._whole()
            return first, None, [], self._spikes()
        if self._tests_inside():
            first = self._head() + self._needs(test=True) + self._stores()
            return first, self._sub_steps(inside=True), [], []
        first = self._head() + self._needs(test=False) + self._stores()
        second = self._second_pass()
        return first, self._sub_steps(inside=False), second, self._spikes()

    def _tests_inside(self) -> bool:
        """Whether the threshold is a plain level that can be tested inside the step."""
        kernel = self.kernel
        if kernel.condition is None:
            return False
        random = draws(kernel.before_condition, (kernel.condition,))
        return not (kernel.is_edge or random or kernel.clock)

    def near_pass(self) -> list[str]:
        """Return the loop that leaves alone who needs a division; none where that does not pay."""
        arguments = near_arguments(self.kernel)
        if not arguments:
            return []
        kernel = self.kernel
        self.printer.used |= {"bn_near"}
        lets = near_lets(kernel.integrate)
        formed = [k + 1 for k, let in enumerate(lets) if set(let.names) & set(arguments)]
        before = formed[-1] if formed else 0
        tests = [f"abs({name}) <= bn_near" for name in arguments]
        near = tests[0] if len(tests) == 1 else " & ".join(f"({test})" for test in tests)
        lines = self._arrivals(self._step_reads()) + self._remember()
        lines += [*self.printer.lets(lets[:before]), f"near = {near}"]
        lines += self.printer.lets(lets[before:]) + self.printer.lets(kernel.clock)
        return lines + self._threshold("near") + self._keep("near", others="2")

    def _apart(self) -> list[str]:
        """Return the step of those that the first loop left alone, arrivals done."""
        kernel = self.kernel
        lines = ["apart = spiked[i] == 2", *self.loads(self._step_reads(arrivals=False))]
        if self.layout.has_refractory:
            lines.append("resting = refractory_here[i] > 0")
        lines += self._remember()
        lines += self.printer.lets(kernel.integrate) + self.printer.lets(kernel.clock)
        return lines + self._threshold("apart") + self._keep("apart", others="spiked[i]")

    def _whole(self) -> list[str]:
        """Return the fixed step of every neuron."""
        lines = self._head() + self.printer.lets(self.kernel.clock)
        return lines + self._threshold() + self._stores()

    def _moved(self) -> list[str]:
        """Return the states that a step may change after the arrivals."""
        kernel = self.kernel
        bound = bound_names((*kernel.integrate, *kernel.clock, *kernel.before_condition))
        return [n for n in self.layout.states if n in bound]

    def _remember(self) -> list[str]:
        return [f"{self.layout.before(n)} = {n}" for n in self._moved()]

    def _step_reads(self, *, arrivals: bool = True) -> set[str]:
        kernel = self.kernel
        clock = kernel.clock if kernel.substep is None else ()
        lets = [*kernel.integrate, *clock, *kernel.before_condition]
        tested = (kernel.condition,) if kernel.condition is not None else ()
        lets += kernel.arrive if arrivals else ()
        return self.reads(lets, *tested) | set(self.layout.states)

    def _arrivals(self, used: set[str]) -> list[str]:
        lines = self.loads(used)
        for arrived, inbox in self.boxes():
            lines += [f"{arrived} = {inbox}[i]", f"{inbox}[i] = 0"]
        if self.layout.has_refractory:
            lines.append("resting = refractory_here[i] > 0")
        return lines + self.printer.lets(self.kernel.arrive)

    def _head(self) -> list[str]:
        kernel, layout = self.kernel, self.layout
        lines = self._arrivals(self._step_reads())
        if kernel.substep is not None:
            lines += [f"{layout.old(n)}[i] = {n}" for n in layout.states]
        return lines + self.printer.lets(kernel.integrate)

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

    def _countdown(self, of: str = "") -> list[str]:
        if not self.layout.has_refractory:
            return []
        counts = f"(left > 0) & {of}" if of else "left > 0"
        return [
            "left = refractory_here[i]",
            f"left = np.int32(left - 1 if {counts} else {'left' if of else '0'})",
            "refractory_here[i] = left",
        ]

    def _threshold(self, of: str = "") -> list[str]:
        """Count refractoriness down, test the threshold, mark who spikes.

        `of` names the flag of those that take part, where not all do.
        """
        kernel = self.kernel
        lines = self._countdown(of)
        if kernel.condition is None:
            return lines
        lines += self.printer.lets(kernel.before_condition)
        condition = self.printer.expr(kernel.condition, 2)
        ready = "(left == 0)" if self.layout.has_refractory else ""
        if not kernel.is_edge:
            lines.append(
                f"hit = np.int8(1 if ({condition}){f' & {ready}' if ready else ''} else 0)"
            )
        else:
            lines += [f"reached = {condition}", "was = above_here[i]"]
            free = f" & {ready}" if ready else ""
            lines.append(f"hit = np.int8(1 if reached & (was == 0){free} else 0)")
            judged = " & ".join(filter(None, (ready, of)))
            keep = "1 if reached else 0"
            lines.append(f"above_here[i] = {f'({keep}) if {judged} else was' if judged else keep}")
        return lines if of else [*lines, "spiked[i] = hit", "found = np.int8(found | hit)"]

    def _keep(self, of: str, others: str) -> list[str]:
        """Mark all, and store the step of those whose flag `of` is up; the others stay put."""
        hit = "hit" if self.kernel.condition is not None else "0"
        left_alone = "  # 2: for the next loop" if others == "2" else ""
        lines = [f"mark = np.int8({hit} if {of} else {others}){left_alone}"]
        lines += ["spiked[i] = mark", "found = np.int8(found | mark)"]
        lines += [f"{n} = {n} if {of} else {self.layout.before(n)}" for n in self._moved()]
        return lines + self._stores()

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
        lines += self._threshold()
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
