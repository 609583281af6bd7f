"""A network in Python: loaded from a file or built by calls, compiled, run, continued.

In: an `Origin` (syntax tree and library). Out: `Results`. The first run compiles and builds;
later runs continue where the last one ended. Not done here: how calls become a syntax tree
(`building/`), what a result is (`results`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bnsyn_dsl.ahead import Ahead
from bnsyn_dsl.api.building.arrays import Arrays
from bnsyn_dsl.api.building.calls import Construction
from bnsyn_dsl.api.loading import Origin, blank_origin, milliseconds, open_network, whole_seed
from bnsyn_dsl.api.quantities import wrong
from bnsyn_dsl.diagnostics import BnsError, Diagnostic, DiagnosticLog, note
from bnsyn_dsl.options import CompileOptions
from bnsyn_dsl.resources import compile_processes, processors
from bnsyn_dsl.semantics.run_length import MOST_STEPS
from bnsyn_dsl.semantics.run_settings import RunSettings

if TYPE_CHECKING:
    from bnsyn_dsl.api.live.modulators import Modulators
    from bnsyn_dsl.api.live.synapses import Projections
    from bnsyn_dsl.api.results import Results
    from bnsyn_dsl.assembly.assemble import Assembly
    from bnsyn_dsl.compiler import CompiledNetwork
    from bnsyn_dsl.runtime.simulation import Progress
    from bnsyn_dsl.semantics.plan import NetworkPlan

__all__ = ["Network", "NumericalError", "load", "opened"]

_NEURONS_PER_THREAD = 500


class NumericalError(BnsError):
    """A number left its range in a run (BN490); `results` has what was recorded before."""

    def __init__(self, found: Sequence[Diagnostic], results: Results) -> None:
        super().__init__(found)
        self.results = results


class Network(Construction):
    """A network to build, run and read.

    Args:
        name: shown in results.
        dt: the step, `"0.1 ms"` or a quantity of any library.
        seed: of everything random.
        options: how to compile.
        model_dirs: folders of models that go before the library.
    """

    def __init__(
        self,
        name: str = "network",
        *,
        dt: object = "0.1 ms",
        seed: int = 1,
        options: CompileOptions | None = None,
        model_dirs: Sequence[str | Path] = (),
    ) -> None:
        self._begin(blank_origin(name, dt, seed, model_dirs), options)

    def _begin(self, origin: Origin, options: CompileOptions | None) -> None:
        self._origin, self._arrays = origin, Arrays()
        self._options = options or CompileOptions()
        self._seconds: dict[str, float] = {"parse": origin.seconds}
        self._found: tuple[Diagnostic, ...] = ()
        self._compiled: CompiledNetwork | None = None
        self._made: CompiledNetwork | None = None  # what there is machine code of
        self._assembly: Assembly | None = None
        self._results: Results | None = None
        self._modulators: Modulators | None = None
        self._projections: Projections | None = None

    def _require_open(self) -> None:
        if self._assembly is not None:
            message = "this network has been built and cannot change"
            raise wrong(message, help="`net.reset()` begins again at time 0")
        self._compiled = None

    # ------------------------------------------------------------------------ stages

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Warnings and notes of the stages so far."""
        return self._found

    @property
    def plan(self) -> NetworkPlan:
        """The network with every name, unit and value settled.

        Raises:
            BnsError: something in the network is wrong; all findings are in it.
        """
        return self._plan(DiagnosticLog())

    @property
    def settled(self) -> NetworkPlan:
        """The plan that was compiled; as `plan` where nothing is compiled yet."""
        return self.plan if self._compiled is None else self._compiled.plan

    def _plan(self, log: DiagnosticLog) -> NetworkPlan:
        from bnsyn_dsl.abi.host_functions import HOST_FUNCTIONS
        from bnsyn_dsl.api.building.arrays import inject
        from bnsyn_dsl.semantics.network import elaborate

        library = self._origin.library(log)
        log.stop_on_errors()
        plan = elaborate(self._origin.network, library, self._origin.settings, HOST_FUNCTIONS, log)
        log.stop_on_errors()
        assert plan is not None
        plan = inject(plan, self._arrays, log)
        log.stop_on_errors()
        return plan

    def compile(self) -> CompiledNetwork:
        """Settle, analyse and generate; the second call returns what the first made.

        Raises:
            BnsError: the network is wrong or cannot be compiled.
        """
        return self._compile_beside(Ahead(processes=1))

    def _compile_beside(self, ahead: Ahead) -> CompiledNetwork:
        """Compile; machine code of what is new is made `ahead`."""
        from bnsyn_dsl.assembly.rehearsals import rehearsals
        from bnsyn_dsl.compiler import compile_network

        if self._compiled is None:
            started, log = time.perf_counter(), DiagnosticLog()
            plan = self._plan(log)
            self._seconds["parse"] = self._origin.seconds + time.perf_counter() - started
            ahead.add(*rehearsals(plan))
            self._compiled = compile_network(plan, self._options, log, ahead)
            self._seconds |= self._compiled.seconds
            self._found = log.found
        return self._compiled

    def _make(self, compiled: CompiledNetwork, ahead: Ahead) -> None:
        """Wait for the machine code of what is new, and make some of it; once per compilation."""
        from bnsyn_dsl.assembly.rehearsals import rehearsals

        jobs = [job for system in compiled.systems for job in system.jobs]
        jobs += [job for rule in compiled.rules for job in rule.jobs]
        if jobs and self._made is not compiled:
            ahead.add(*jobs, *rehearsals(compiled.plan))
            ahead.begin()
            ahead.finish()
        self._made = compiled

    def build(self, threads: int | None = None) -> Assembly:
        """Draw values, build synapses and load the kernels; `threads` as in `run`.

        Raises:
            BnsError: a value is impossible, or the machine has not enough memory.
        """
        from bnsyn_dsl.assembly.assemble import assemble
        from bnsyn_dsl.assembly.connections import refuse
        from bnsyn_dsl.runtime.memory import NotEnoughMemory

        if self._assembly is None:
            log = DiagnosticLog()
            with Ahead(_compile_processes()) as ahead:
                compiled = self._compile_beside(ahead)
                started = time.perf_counter()
                self._make(compiled, ahead)
            made = time.perf_counter() - started
            chosen = _threads(threads, sum(p.size for p in compiled.plan.populations))
            self._assembly = assemble(compiled, chosen, log)
            started = time.perf_counter()
            try:
                self._assembly.simulation.warm_up()
            except NotEnoughMemory as problem:
                self._assembly = None
                raise refuse(problem, None) from problem
            self._seconds |= self._assembly.seconds
            self._seconds["compile"] += made + time.perf_counter() - started
            self._found += log.found
        have = self._assembly.simulation.n_threads
        if threads is not None and threads != have:
            message = f"this network was built for {have} threads and continues on them"
            raise wrong(message, help="`net.reset()` begins again")
        return self._assembly

    # --------------------------------------------------------------------------- run

    @property
    def results(self) -> Results | None:
        """What was recorded so far, also after an error or Ctrl-C; None before the first run."""
        return self._results

    def run(
        self,
        duration: object = None,
        *,
        threads: int | None = None,
        progress: Callable[[Progress], None] | None = None,
    ) -> Results:
        """Run and return everything recorded since the beginning; a second call continues.

        Args:
            duration: `"1 s"` or a quantity; by default what the network's `simulate` says.
            threads: by default one for each 500 neurons, at most the cores of the machine.
            progress: called now and then with how far the run is.

        Raises:
            BnsError: the network cannot be compiled or built, or the duration is no time.
            NumericalError: a state became infinite or not a number.
        """
        from bnsyn_dsl.api.results import results_of
        from bnsyn_dsl.api.run_failures import explained
        from bnsyn_dsl.runtime.stops import RunStopped

        entered = time.perf_counter()
        length = None if duration is None else milliseconds(duration, "duration")
        assembly = self.build(threads)
        n_steps = self._steps(length, assembly.compiled.plan)
        started = time.perf_counter()
        finished, failure = True, None
        try:
            finished = assembly.simulation.run(n_steps, progress)
        except RunStopped as problem:
            failure = problem
        ended = time.perf_counter()
        self._seconds["run"] = self._seconds.get("run", 0.0) + ended - started
        total = self._seconds.get("total", self._origin.seconds) + ended - entered
        self._seconds["total"] = total
        self._results = results_of(assembly, self._seconds, interrupted=not finished)
        if failure is not None:
            raise NumericalError([explained(failure, assembly)], self._results) from failure
        return self._results

    @property
    def modulators(self) -> Modulators:
        """The modulators by name: `net.modulators["dopamine"].n`, `.send("reward", R=1)`.

        Reading, setting and sending build the network where it is not built yet.
        """
        from bnsyn_dsl.api.live.modulators import Modulators

        if self._modulators is None:
            self._modulators = Modulators(self)
        return self._modulators

    @property
    def synapses(self) -> Projections:
        """The projections by name: `net.synapses["recurrent"].weight`.

        Reading and writing build the network where it is not built yet.
        """
        from bnsyn_dsl.api.live.synapses import Projections

        if self._projections is None:
            self._projections = Projections(self)
        return self._projections

    def reset(self) -> None:
        """Forget the run: the next one begins at time 0; what was compiled is kept."""
        self._assembly, self._results = None, None
        kept = ("parse", "analyse", "generate")
        self._seconds = {k: v for k, v in self._seconds.items() if k in kept}

    def _steps(self, length: float | None, plan: NetworkPlan) -> int:
        length = plan.duration if length is None else length
        if not 0 < length < float("inf"):
            raise wrong(f"duration must be positive and finite, found {length:g} ms")
        if length / plan.dt > MOST_STEPS:
            shown = f"{length:g} ms in steps of {plan.dt:g} ms are {length / plan.dt:.3g} steps"
            raise wrong(f"{shown}, at most {MOST_STEPS:.0e} can be run", code="BN454")
        steps = max(1, round(length / plan.dt))
        if abs(length - steps * plan.dt) > 1e-9 * length:
            shown = f"{steps} steps of {plan.dt:g} ms"
            self._found += (note("BN492", f"the duration is rounded to {shown}", None),)
        return steps


def load(
    source: str | Path,
    network: str | None = None,
    values: Mapping[str, object] | None = None,
    *,
    dt: object = None,
    seed: int | None = None,
    duration: object = None,
    options: CompileOptions | None = None,
    model_dirs: Sequence[str | Path] = (),
) -> Network:
    """Load a network from a .bns file, or from text (anything with a line end).

    Args:
        source: a file name or text.
        network: which network; may be left out where there is one. A source with a single neuron
            and no network stands for one such neuron.
        values: parameters of the network (`g`) and settings of populations (`E.I_e`).
        dt: instead of what the network says; `duration` and `seed` likewise.
        seed: a whole number.
        duration: of `run()` without an argument.
        options: how to compile.
        model_dirs: folders of models that go before the library.

    Raises:
        BnsError: it cannot be read or parsed, has no such network, or several and none is named.
            What is wrong inside the network is found by `plan`, `compile` or `run`.
    """
    settings = RunSettings(
        dt=None if dt is None else milliseconds(dt, "dt"),
        seed=None if seed is None else whole_seed(seed),
        duration=None if duration is None else milliseconds(duration, "duration"),
    )
    return opened(source, network, values or {}, settings, options, model_dirs)


def opened(
    source: str | Path,
    network: str | None,
    values: Mapping[str, object],
    settings: RunSettings,
    options: CompileOptions | None = None,
    model_dirs: Sequence[str | Path] = (),
) -> Network:
    """Load a network as `load` does, with settings that were read elsewhere."""
    made = Network.__new__(Network)
    made._begin(open_network(source, network, values, settings, model_dirs), options)
    return made


def _threads(asked: int | None, neurons: int) -> int:
    if asked is None:
        return max(1, min(processors(), neurons // _NEURONS_PER_THREAD))
    if isinstance(asked, bool) or not isinstance(asked, int) or asked < 1:
        raise wrong(f"threads must be a whole number of at least 1, found {asked!r}")
    return asked


def _compile_processes() -> int:
    try:
        return compile_processes()
    except ValueError as reason:
        advice = "a whole number of at least 1, or unset for one process for each core"
        raise wrong(f"`BNSYN_COMPILE_PROCESSES` {reason}", code="BN613", help=advice) from reason
