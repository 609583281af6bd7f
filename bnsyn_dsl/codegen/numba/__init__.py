"""The Numba backend: kernels for the CPU."""

from __future__ import annotations

from bnsyn_dsl.abi.manifest import SystemManifest
from bnsyn_dsl.codegen.backend import Backend
from bnsyn_dsl.codegen.numba.handle import print_handle
from bnsyn_dsl.codegen.numba.learning import learning_arguments, print_learning
from bnsyn_dsl.codegen.numba.machine_code import rule_jobs, system_jobs
from bnsyn_dsl.codegen.numba.manifest import manifest_lines, manifest_of
from bnsyn_dsl.codegen.numba.network import network_arguments, print_network
from bnsyn_dsl.codegen.numba.system import print_system
from bnsyn_dsl.ir.nodes import Kernel

__all__ = ["BACKEND"]


def _system_text(kernel: Kernel, version: str) -> tuple[str, SystemManifest]:
    manifest = manifest_of(kernel)
    return print_system(kernel, version, manifest_lines(manifest)), manifest


BACKEND = Backend(
    name="numba",
    system_text=_system_text,
    network_text=print_network,
    network_arguments=network_arguments,
    learning_text=print_learning,
    learning_arguments=learning_arguments,
    handle_text=print_handle,
    system_jobs=system_jobs,
    rule_jobs=rule_jobs,
)
