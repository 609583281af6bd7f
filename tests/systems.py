"""Small systems for tests: text -> plan -> coupled system -> kernel -> compiled module."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from bnsyn_dsl import registry
from bnsyn_dsl.abi.host_functions import HOST_FUNCTIONS
from bnsyn_dsl.abi.manifest import SystemManifest
from bnsyn_dsl.analysis.choose import choose_update
from bnsyn_dsl.analysis.grouping import CoupledGroup, group_systems
from bnsyn_dsl.analysis.system import CoupledSystem
from bnsyn_dsl.analysis.update import UpdateSystem
from bnsyn_dsl.codegen.module_files import content_name, load_module, write_once
from bnsyn_dsl.codegen.numba import BACKEND
from bnsyn_dsl.codegen.numba.machine_code import update_types
from bnsyn_dsl.compiler import kernel_of
from bnsyn_dsl.diagnostics import DiagnosticLog, SourceFile
from bnsyn_dsl.ir.nodes import Kernel
from bnsyn_dsl.resources import models_directory
from bnsyn_dsl.semantics.library import Library
from bnsyn_dsl.semantics.network import elaborate
from bnsyn_dsl.semantics.plan import NetworkPlan
from bnsyn_dsl.semantics.run_settings import RunSettings
from bnsyn_dsl.syntax import nodes, parse, read_source

EXAMPLES = Path(__file__).parents[1] / "examples"
BLOCK = 256


def plan_of(text: str | Path, network: str | None = None) -> NetworkPlan:
    """Return the plan of a text's or file's first network, or of the one named."""
    log = DiagnosticLog()
    source = SourceFile(name="test.bns", text=text) if isinstance(text, str) else read_source(text)
    tree = parse(source, log)
    log.stop_on_errors()
    place = text.parent if isinstance(text, Path) else None
    library = Library(tree, directory=place, model_dirs=(models_directory(),), log=log)
    log.stop_on_errors()
    name = network or library.networks()[0]
    block = next(i for i in tree.items if isinstance(i, nodes.Network) and i.name == name)
    plan = elaborate(block, library, RunSettings(), HOST_FUNCTIONS, log)
    log.stop_on_errors()
    assert plan is not None
    return plan


def network_text(
    population: str, receptors: dict[str, str] | None = None, *, head: str = "", rest: str = ""
) -> str:
    """Return a network of one population, driven at each receptor with the weight given."""
    drives = [
        f"        poisson(10 Hz) -> A : {name} one_to_one {{ weight = {weight}, delay = 0 ms }}"
        for name, weight in (receptors or {}).items()
    ]
    lines = [head, "network Small:", "    populations:", f"        A : {population}"]
    lines += ["    projections:", *drives] if drives else []
    lines += ["    record:", "        spikes of A", "    simulate: 10 ms, dt = 0.1 ms, seed = 3"]
    return "\n".join([*lines, rest]).strip() + "\n"


def groups_of(plan: NetworkPlan) -> list[CoupledGroup]:
    """Return the coupled groups of a plan; findings are raised."""
    log = DiagnosticLog()
    groups = group_systems(plan, log)
    log.stop_on_errors()
    return groups


def system_of(text: str) -> CoupledSystem:
    """Return the coupled system of a network's first population."""
    return groups_of(plan_of(text))[0].system


def update_of(system: CoupledSystem) -> UpdateSystem:
    """Return the system with its update; findings are raised."""
    log = DiagnosticLog()

    def find(name: str) -> Any:
        return registry.find(registry.INTEGRATORS, name)

    made = choose_update(system, find, registry.integrator_names, log, None)
    log.stop_on_errors()
    assert made is not None
    return made


def kernel_in(group: CoupledGroup) -> Kernel:
    """Return the kernel of a group."""
    return kernel_of(group.members[0], group.observed, DiagnosticLog())


def kernel_of_text(text: str) -> Kernel:
    """Return the kernel of a network's first population."""
    return kernel_in(groups_of(plan_of(text))[0])


@dataclass(frozen=True)
class Module:
    """A kernel with its generated module."""

    kernel: Kernel
    text: str
    manifest: SystemManifest
    loaded: ModuleType

    def arrays(self, n: int) -> dict[str, NDArray[Any]]:
        """Return arrays for n neurons of one segment, all zero but the level that was reached."""
        m = self.manifest
        floats = {f"{c.name}_all" for c in (*m.varying, *m.states, *m.gathered)}
        made: dict[str, NDArray[Any]] = {}
        for name in m.array_arguments:
            kind: type = np.float64 if name in floats else np.int32
            kind = np.int64 if name.startswith("inbox_") else kind
            made[name] = np.zeros(n, kind)
        segments = np.zeros((1, 2 + len(m.streams)), np.int64)
        segments[0, 1] = n
        made |= {
            "segments": segments,
            "par": np.zeros((1, max(len(m.parameters), 1))),
            "derived": np.zeros((1, max(m.derived, 1))),
            "varied": np.zeros((max(m.varied, 1), n)),
            "quanta": np.ones(len(m.receptors) + 1),
            "spiked": np.zeros(BLOCK, np.int8),
            "scratch": np.zeros((max(len(m.states), 1), BLOCK)),
            "spikes": np.zeros(n, np.uint32),
            "status": np.zeros(2, np.int64),
        }
        return made

    def prepare(self, arrays: dict[str, NDArray[Any]], dt: float) -> None:
        """Compute what stays constant."""
        given = {**arrays, "dt": dt}
        self.loaded.prepare(*(given[a] for a in self.manifest.prepare_arguments))

    def step(self, arrays: dict[str, NDArray[Any]], dt: float, step: int = 0) -> list[int]:
        """Do one step of all neurons; return who spiked."""
        n = int(arrays["segments"][0, 1])
        given: dict[str, Any] = {
            **arrays, "lo": 0, "hi": n, "step": step, "dt": dt, "seed_low": 7, "seed_high": 9,
            "n": 0, "first_id": 0,
        }  # fmt: skip
        count = self.callable("update")(*(given[a] for a in self.manifest.update_arguments))
        return [int(i) for i in arrays["spikes"][:count]]

    def callable(self, name: str) -> Any:
        """Return a function for Python to call: those of a module call one another alone."""
        given = f"from_python_{name}"
        if given not in vars(self.loaded):
            function = getattr(self.loaded, name)
            setattr(self.loaded, given, njit(lambda *arguments: function(*arguments)))
        return getattr(self.loaded, given)

    def compiled_update(self) -> Any:
        """Compile `update` for the types of the runtime and return the dispatcher."""
        self.loaded.update.compile(update_types(self.manifest))
        return self.loaded.update


def module_of(kernel: Kernel, directory: Path) -> Module:
    """Print, write and import a kernel's module."""
    text, manifest = BACKEND.system_text(kernel, "test")
    name = content_name(kernel.name, text)
    write_once(directory / f"{name}.py", text)
    loaded = load_module(name, directory / f"{name}.py")
    return Module(kernel=kernel, text=text, manifest=manifest, loaded=loaded)
