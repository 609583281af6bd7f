"""Networks in which every spike is forced: one projection learns between given trains.

`inputs` are spike sources. `cells` are LIF neurons of a farad, which no current moves; `teach`
makes each of them spike by a jump of 100 mV in the step before: a cell's spike ends its step.
Amplitudes are relative, `w_max` is 1 pA wherever it is given here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl import load
from bnsyn_dsl.api.results import Results, results_of
from bnsyn_dsl.assembly.assemble import assemble
from bnsyn_dsl.compiler import compile_network
from bnsyn_dsl.diagnostics import DiagnosticLog
from bnsyn_dsl.options import CompileOptions

__all__ = ["CELL", "Floats", "Forced", "Train", "learned", "random_train", "weights"]

Floats: TypeAlias = NDArray[np.float64]
Train: TypeAlias = Sequence[int]
CELL = "LIF { t_ref = 0 ms, C_m = 1 F }"


@dataclass(frozen=True, slots=True, kw_only=True)
class Forced:
    """A network of forced spikes; trains are steps at which spikes take place.

    Attributes:
        rule: what stands behind `with`.
        pre: one train for each input.
        post: one train for each cell, in steps of at least 1.
        steps: length of the run.
        dt: in ms.
        weight: initial weight, as text.
        delays: steps, one for all or one for each synapse in the order (input, cell).
        dendritic: steps.
        wiring: the connection rule.
        every: steps between two recorded weights; by default only the last is.
        synapse, cell: the models.
        blocks, populations, modulators, projections, record: lines added to the file.
        strategy: as in `CompileOptions.learning`.
    """

    rule: str
    pre: Sequence[Train]
    post: Sequence[Train]
    steps: int
    dt: float = 0.1
    weight: str = "0.5 pA"
    delays: int | Sequence[int] = 0
    dendritic: int = 0
    wiring: str = "one_to_one"
    every: int | None = None
    synapse: str = "ExpCurrent"
    cell: str = CELL
    blocks: str = ""
    populations: str = ""
    modulators: str = ""
    projections: str = ""
    record: str = ""
    strategy: str | None = None

    def text(self) -> str:
        """Return the file."""
        dt = self.dt
        delay = self.delays if isinstance(self.delays, int) else 0
        teach = [[step - 1 for step in train] for train in self.post]
        pools = f"    modulators:\n        {self.modulators}\n" if self.modulators else ""
        return f"""{self.blocks}
network Learning:
    populations:
        inputs : SpikeSource[{len(self.pre)}] {{ times = {_times(self.pre, dt)} }}
        teach : SpikeSource[{len(self.post)}] {{ times = {_times(teach, dt)} }}
        cells : {self.cell.replace(" {", f"[{len(self.post)}] {{")}
        {self.populations}
{pools}    projections:
        teach -> cells : Delta one_to_one {{ weight = 100 mV, delay = 0 ms }}
        inputs -> cells as learning : {self.synapse} with {self.rule} {self.wiring} {{
            weight = {self.weight}, delay = {delay * dt!r} ms,
            dendritic_delay = {self.dendritic * dt!r} ms
        }}
        {self.projections}
    record:
        spikes of cells
        weight of learning every {(self.every or self.steps) * dt!r} ms
        {self.record}
    simulate: {self.steps * dt!r} ms, dt = {dt!r} ms, seed = 1
"""


def learned(forced: Forced) -> Results:
    """Run; the cells must have spiked as they were told.

    Delays of their own per synapse are put into the plan: the language draws them.
    """
    plan = load(forced.text()).plan
    if not isinstance(forced.delays, int):
        delays = np.array(forced.delays) * forced.dt
        plan = replace(
            plan,
            projections=tuple(
                p if p.learning is None else replace(p, delay=delays) for p in plan.projections
            ),
        )
    log = DiagnosticLog()
    compiled = compile_network(plan, CompileOptions(learning=forced.strategy), log)
    log.stop_on_errors()
    assembly = assemble(compiled, 1, log)
    assert assembly.simulation.run(forced.steps)
    results = results_of(assembly, {})
    spikes = results.spikes["cells"]
    for cell, train in enumerate(forced.post):
        seen = [step for step in train if step <= forced.steps]
        np.testing.assert_array_equal(spikes.steps[spikes.ids == cell], seen)
    return results


def weights(forced: Forced) -> Floats:
    """Run and return the recorded weights in pA: float64[times, synapses]."""
    return learned(forced)["learning"]["weight"].values


def random_train(rng: np.random.Generator, count: int, first: int, last: int) -> list[int]:
    """Return so many different steps in [first, last), in order."""
    return sorted(int(s) for s in rng.choice(np.arange(first, last), count, replace=False))


def braces(settings: Mapping[str, object]) -> str:
    """Return settings as they stand behind a rule."""
    return "{ " + ", ".join(f"{name} = {value}" for name, value in settings.items()) + " }"


def _times(trains: Sequence[Train], dt: float) -> str:
    each = ("[" + ", ".join(f"{step * dt:.10g} ms" for step in train) + "]" for train in trains)
    return "[" + ", ".join(each) + "]"
