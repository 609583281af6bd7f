"""The shape of a network: all that decides the text of its time loop, no sizes and no values."""

from __future__ import annotations

from dataclasses import dataclass

from bnsyn_dsl.abi.manifest import SystemManifest
from bnsyn_dsl.ir.nodes import Expr, Let

__all__ = ["DriveRate", "NetworkShape", "ProbeShape", "SenderShape"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DriveRate:
    """The rate (kHz) of a Poisson drive that changes in time: lets and value; it may use `t`.

    `sources` are the network parameters behind the identifiers `parameters`.
    """

    drive: int
    sources: tuple[str, ...]
    parameters: tuple[str, ...]
    lets: tuple[Let, ...]
    value: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeShape:
    """One recorder: a state array (`argument`) or an observer function of a system."""

    system: int
    argument: str | None
    observer: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderShape:
    """Short-term plasticity of one synapse on one population: lets over its states."""

    states: tuple[str, ...]
    parameters: tuple[str, ...]
    decay: tuple[Let, ...]
    update: tuple[Let, ...]
    factor: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkShape:
    """Everything that decides the text of the network module; no sizes, no values."""

    name: str
    systems: tuple[SystemManifest, ...]
    modules: tuple[str, ...]
    static: bool
    senders: tuple[SenderShape, ...]
    drives: bool
    rates: tuple[DriveRate, ...]
    sources: bool
    gathers: tuple[tuple[int, str, int, str], ...]
    probes: tuple[ProbeShape, ...]
