"""What a backend is: text from kernels and from the shape of a network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bnsyn_dsl.abi.manifest import SystemManifest
from bnsyn_dsl.ahead import Job
from bnsyn_dsl.codegen.shape import NetworkShape
from bnsyn_dsl.ir.learning import LearningKernel
from bnsyn_dsl.ir.nodes import Kernel

__all__ = ["Backend"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """A target of code generation.

    `system_text(kernel, version)` returns the module of one coupled system and its manifest,
    `network_text(shape, version)` that of the time loop, whose arguments in order are
    `network_arguments(shape)`. `learning_text(kernel, why, version)` is the module of a plasticity
    rule, and `learning_arguments(kernel)` says what each of its functions takes.
    `handle_text(manifest, model, source, values, population)` goes behind the module of a neuron
    that is compiled alone and used from Python. `system_jobs(module, path, manifest)` make machine
    code of a system before it is called, `rule_jobs(module, path, arguments)` of a rule.
    """

    name: str
    system_text: Callable[[Kernel, str], tuple[str, SystemManifest]]
    network_text: Callable[[NetworkShape, str], str]
    network_arguments: Callable[[NetworkShape], tuple[str, ...]]
    learning_text: Callable[[LearningKernel, str, str], str]
    learning_arguments: Callable[[LearningKernel], Mapping[str, tuple[str, ...]]]
    handle_text: Callable[[SystemManifest, str, str, Mapping[str, float], str], str]
    system_jobs: Callable[[str, Path, SystemManifest], tuple[Job, ...]]
    rule_jobs: Callable[[str, Path, Mapping[str, tuple[str, ...]]], tuple[Job, ...]]
