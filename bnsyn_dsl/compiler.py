"""The way from a plan to kernel modules, on one page.

    plan     = elaborate(parse(text))                    syntax, semantics
    analysed = analyse(plan)                             analysis: systems, rules
    update   = choose_update(system)                     analysis
    kernel   = verified(lower(update))                   lowering, ir
    text     = backend.system_text(kernel)               codegen

A coupled system that was compiled before, by the same compiler, is taken from the cache without
any of the last three stages.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from bnsyn_dsl import __version__, registry
from bnsyn_dsl.abi.host_functions import HOST_FUNCTIONS
from bnsyn_dsl.abi.manifest import SystemManifest
from bnsyn_dsl.ahead import Ahead, Job
from bnsyn_dsl.analysis.choose import choose_update
from bnsyn_dsl.analysis.couple import Coupled
from bnsyn_dsl.analysis.couplings import with_couplings_apart
from bnsyn_dsl.analysis.grouping import CoupledGroup, group_systems
from bnsyn_dsl.analysis.learning.fixed_bounds import moving_bounds
from bnsyn_dsl.analysis.learning.sweeps import sweep_notes
from bnsyn_dsl.analysis.members import with_states_in_wires
from bnsyn_dsl.analysis.step_bound import check_step_bounds
from bnsyn_dsl.analysis.step_multiples import check_step_multiples
from bnsyn_dsl.analysis.verify_update import verify_update
from bnsyn_dsl.codegen.backend import Backend
from bnsyn_dsl.codegen.module_files import (
    content_name,
    load_module,
    recall,
    remember,
    write_once,
)
from bnsyn_dsl.codegen.shape import NetworkShape
from bnsyn_dsl.diagnostics import BnsError, DiagnosticLog, error
from bnsyn_dsl.fingerprint import fingerprint
from bnsyn_dsl.ir.nodes import Kernel
from bnsyn_dsl.ir.passes.contract import contract
from bnsyn_dsl.ir.verify import verified
from bnsyn_dsl.lowering.kernel import lower
from bnsyn_dsl.lowering.pools import Reduction
from bnsyn_dsl.options import CompileOptions
from bnsyn_dsl.resources import cache_directory
from bnsyn_dsl.semantics.plan import NetworkPlan
from bnsyn_dsl.wiring.learning import (
    LearnedProjection,
    learned_projections,
    network_reductions,
)
from bnsyn_dsl.wiring.network import network_shape

__all__ = [
    "AnalysedNetwork",
    "CompiledNetwork",
    "CompiledRule",
    "CompiledSystem",
    "analyse",
    "compile_network",
    "find_backend",
    "kernel_of",
    "load",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysedNetwork:
    """A plan whose wires read states only, with its coupled systems and its plastic projections."""

    plan: NetworkPlan
    groups: tuple[CoupledGroup, ...]
    learned: tuple[LearnedProjection, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledSystem:
    """One coupled system as a module: who uses it, its manifest, where its text is.

    `jobs` make its machine code, where the text was made now; else there is some already.
    """

    group: CoupledGroup
    manifest: SystemManifest
    module: str
    path: Path
    jobs: tuple[Job, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledRule:
    """A plasticity rule on one projection as a module; equal rules share one.

    `arguments` are those of every function of the module, by its name. `jobs` as of a system.
    """

    learned: LearnedProjection
    module: str
    path: Path
    arguments: Mapping[str, tuple[str, ...]]
    jobs: tuple[Job, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledNetwork:
    """A plan with its modules. `seconds` says how long each stage took."""

    plan: NetworkPlan
    systems: tuple[CompiledSystem, ...]
    rules: tuple[CompiledRule, ...]
    reductions: tuple[Reduction, ...]
    shape: NetworkShape
    arguments: tuple[str, ...]
    module: str
    path: Path
    seconds: Mapping[str, float] = field(default_factory=dict)


def analyse(plan: NetworkPlan, learning: str | None, log: DiagnosticLog) -> AnalysedNetwork:
    """Find the systems and rules of `plan`; `learning` is the strategy asked for, if any.

    Raises:
        BnsError: something cannot be compiled as it is written.
    """
    plan = with_couplings_apart(with_states_in_wires(plan, log), log)
    groups = group_systems(plan, log)
    log.add(*moving_bounds(plan))
    log.stop_on_errors()
    learned = learned_projections(plan, groups, log, learning)
    log.stop_on_errors()
    log.add(*sweep_notes((one.projection.name, one.system) for one in learned))
    return AnalysedNetwork(plan=plan, groups=tuple(groups), learned=tuple(learned))


def compile_network(
    plan: NetworkPlan, options: CompileOptions, log: DiagnosticLog, ahead: Ahead | None = None
) -> CompiledNetwork:
    """Compile everything that `plan` needs; jobs of new systems go to `ahead` one by one.

    Raises:
        BnsError: a system cannot be compiled as it is written; all findings are in the log.
    """
    backend = find_backend(options.backend)
    started = time.perf_counter()
    network = analyse(plan, options.learning, log)
    plan, groups = network.plan, network.groups
    analysed = time.perf_counter()
    directory = (options.cache or cache_directory()) / "modules"
    _require_directory(directory)
    beside = ahead or Ahead(processes=1)
    made = [_compile_system(g, backend, directory, log, beside) for g in groups]
    log.stop_on_errors()
    systems = tuple(s for s in made if s is not None)
    _check_steps(plan, systems, network.learned, log)
    rules = tuple(_compile_rule(one, backend, directory, beside) for one in network.learned)
    shape = network_shape(
        plan,
        groups,
        [s.manifest for s in systems],
        [s.module for s in systems],
        [(r.learned, r.module) for r in rules],
        log,
    )
    log.stop_on_errors()
    name = _network_module(shape, backend, directory)
    done = time.perf_counter()
    return CompiledNetwork(
        plan=plan,
        systems=systems,
        rules=rules,
        reductions=tuple(network_reductions(plan)),
        shape=shape,
        arguments=backend.network_arguments(shape),
        module=name,
        path=directory / f"{name}.py",
        seconds={"analyse": analysed - started, "generate": done - analysed},
    )


def _require_directory(directory: Path) -> None:
    """Make the folder of the modules.

    Raises:
        BnsError: nothing can be written there.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        if not os.access(directory, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as reason:
        why = (reason.strerror or str(reason)).lower()
        advice = "another folder is named by the environment variable `BNSYN_CACHE_DIR`"
        message = f"cannot write generated modules to `{directory}`: {why}"
        raise BnsError([error("BN612", message, None, help=advice)]) from reason


def _check_steps(
    plan: NetworkPlan,
    systems: Sequence[CompiledSystem],
    learned: Sequence[LearnedProjection],
    log: DiagnosticLog,
) -> None:
    solved = [(s.group, _integrator(s.manifest.method)) for s in systems]
    check_step_bounds(solved, plan.dt, HOST_FUNCTIONS, log)
    rules = [(one.learning, one.system.clocks) for one in learned]
    check_step_multiples(plan, [s.group for s in systems], rules, HOST_FUNCTIONS, log)


def load(compiled: CompiledNetwork) -> tuple[ModuleType, list[ModuleType], list[ModuleType]]:
    """Import the modules: the network's, those of its systems and of its rules."""
    systems = [load_module(s.module, s.path) for s in compiled.systems]
    rules = [load_module(r.module, r.path) for r in compiled.rules]
    return load_module(compiled.module, compiled.path), systems, rules


def kernel_of(coupled: Coupled, observed: tuple[str, ...], log: DiagnosticLog) -> Kernel:
    """Return the kernel of one coupled system.

    Raises:
        BnsError: it cannot be integrated as it is written.
    """
    update = choose_update(
        coupled.system, _integrator, registry.integrator_names, log, coupled.span
    )
    log.stop_on_errors()
    assert update is not None
    verify_update(update)
    return verified(contract(verified(lower(update, observed))))


def _integrator(name: str):  # type: ignore[no-untyped-def]
    return registry.find(registry.INTEGRATORS, name)


def find_backend(name: str) -> Backend:
    """Return the backend `name`.

    Raises:
        BnsError: there is none.
    """
    found = registry.find(registry.BACKENDS, name)
    if found is None:
        known = ", ".join(registry.backend_names())
        raise BnsError([error("BN602", f"unknown backend `{name}`", None, help=f"known: {known}")])
    assert isinstance(found, Backend)
    return found


def _compile_system(
    group: CoupledGroup,
    backend: Backend,
    directory: Path,
    log: DiagnosticLog,
    ahead: Ahead,
) -> CompiledSystem | None:
    method = group.system.method or "auto"
    origin = registry.origin(registry.INTEGRATORS, method)
    key = fingerprint(backend.name, origin, repr(group.system), repr(group.observed))
    known = recall(directory, key)
    if known is not None:
        name, manifest = known["module"], SystemManifest.from_json(known["manifest"])
        path = directory / f"{name}.py"
        return CompiledSystem(group=group, manifest=manifest, module=name, path=path)
    ahead.begin()
    try:
        kernel = kernel_of(group.members[0], group.observed, log)
    except BnsError as problem:
        log.add(*problem.diagnostics)
        return None
    text, manifest = backend.system_text(kernel, __version__)
    name = content_name(kernel.name, text)
    path = directory / f"{name}.py"
    write_once(path, text)
    remember(directory, key, {"module": name, "manifest": manifest.to_json()})
    jobs = backend.system_jobs(name, path, manifest)
    ahead.add(*jobs)
    return CompiledSystem(group=group, manifest=manifest, module=name, path=path, jobs=jobs)


def _compile_rule(
    one: LearnedProjection, backend: Backend, directory: Path, ahead: Ahead
) -> CompiledRule:
    text = backend.learning_text(one.kernel, one.system.why, __version__)
    name = content_name(one.kernel.name, text)
    path = directory / f"{name}.py"
    arguments = backend.learning_arguments(one.kernel)
    jobs: tuple[Job, ...] = ()
    if not path.exists():
        jobs = backend.rule_jobs(name, path, arguments)
    write_once(path, text)
    if jobs:
        ahead.begin()
        ahead.add(*jobs)
    return CompiledRule(learned=one, module=name, path=path, arguments=arguments, jobs=jobs)


def _network_module(shape: NetworkShape, backend: Backend, directory: Path) -> str:
    """Return the name of the module of the time loop; it is written where it is not there yet."""
    key = fingerprint(backend.name, repr(shape))
    known = recall(directory, key)
    if known is not None:
        return str(known["module"])
    text = backend.network_text(shape, __version__)
    name = content_name(f"network_{shape.name}", text)
    write_once(directory / f"{name}.py", text)
    remember(directory, key, {"module": name})
    return name
