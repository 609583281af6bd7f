"""The text of functions that record values which are not states."""

from __future__ import annotations

from bnsyn_dsl.codegen.numba.kernel_text import KernelText
from bnsyn_dsl.codegen.numba.layout import read_names
from bnsyn_dsl.codegen.views import ObserverView

__all__ = ["ObserversText"]


class ObserversText(KernelText):
    """Bodies of the `observe_...` functions."""

    def observers(self) -> list[ObserverView]:
        """Return one view for each recorded value that is not a state."""
        layout = self.layout
        made = []
        for name, lets, value in self.kernel.observables:
            used = read_names(lets, value)
            load = []
            if "element" in used:
                load.append("element = i - segments[s, 0]")
            for group in (layout.varying, layout.states, layout.gathered):
                load += [f"{n} = {layout.array(n)}[i]" for n in group if n in used]
            load += [f"{n} = varied[{k}, i]" for k, n in enumerate(layout.varied) if n in used]
            if layout.has_refractory and "resting" in used:
                load.append("resting = refractory[i] > 0")
            made.append(
                ObserverView(
                    name="".join(c if c.isalnum() else "_" for c in name),
                    source=name,
                    load=tuple(load),
                    body=tuple(self.printer.lets(lets)),
                    value=self.printer.expr(value),
                )
            )
        return made
