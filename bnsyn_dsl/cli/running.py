"""A file to results: the stages one after the other, each with its seconds."""

from __future__ import annotations

import time
from collections.abc import Callable

from bnsyn_dsl.assembly.assemble import Assembly, assemble
from bnsyn_dsl.cli.opening import open_file
from bnsyn_dsl.compiler import compile_network
from bnsyn_dsl.diagnostics import BnsError, DiagnosticLog, error
from bnsyn_dsl.options import CompileOptions
from bnsyn_dsl.results import Results, results_of
from bnsyn_dsl.runtime.simulation import NotFinite, Progress
from bnsyn_dsl.semantics.plan import NetworkPlan
from bnsyn_dsl.semantics.run_settings import RunSettings

__all__ = ["Run"]


class Run:
    """One network of a file, from its text to its results.

    Raises:
        BnsError: something is wrong with the input.
    """

    def __init__(self, path: str, network: str | None, settings: RunSettings, threads: int) -> None:
        self.log = DiagnosticLog()
        self.options = CompileOptions()
        self.seconds: dict[str, float] = {}
        self._started = time.perf_counter()
        self.plan = self._plan(path, network, settings)
        self.seconds["parse"] = time.perf_counter() - self._started
        self._assembly = self._assemble(threads)

    def _plan(self, path: str, network: str | None, settings: RunSettings) -> NetworkPlan:
        opened = open_file(path, self.log)
        block = opened.only_network() if network is None else opened.network(network)
        return opened.plan(block, settings)

    def _assemble(self, threads: int) -> Assembly:
        compiled = compile_network(self.plan, self.options, self.log)
        assembly = assemble(compiled, threads, self.log)
        self.seconds |= compiled.seconds
        self.seconds |= assembly.seconds
        return assembly

    def run(self, report: Callable[[Progress], None] | None) -> Results:
        """Run it to its end, or to Ctrl-C.

        Raises:
            BnsError: a state became infinite or not a number.
        """
        began = time.perf_counter()
        # the first call of the time loop compiles it
        steps = round(self.plan.duration / self.plan.dt)
        try:
            finished = self._assembly.simulation.run(steps, report)
        except NotFinite as problem:
            raise self._not_finite(problem) from problem
        self.seconds["run"] = time.perf_counter() - began
        self.seconds["total"] = time.perf_counter() - self._started
        return results_of(self._assembly, self.seconds, interrupted=not finished)

    def _not_finite(self, problem: NotFinite) -> BnsError:
        place = problem.index
        system = self._assembly.compiled.systems[problem.system]
        for population in system.group.populations:
            if place < population.size:
                break
            place -= population.size
        moment = f"{(problem.step + 1) * self.plan.dt:g} ms"
        message = (
            f"`{problem.state}` of `{population.name}[{place}]` became {problem.value} at {moment}"
        )
        advice = "check its equation and parameters, or take a smaller dt"
        return BnsError([error("BN403", message, population.span, help=advice)])
