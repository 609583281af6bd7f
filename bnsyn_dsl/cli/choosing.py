"""Which network of a file is meant."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bnsyn_dsl.diagnostics import BnsError, DiagnosticLog, error
from bnsyn_dsl.syntax import nodes, parse, read_source

__all__ = ["network_name", "only_network"]


def network_name(path: Path) -> str:
    """Return the name of the only network of a file.

    Raises:
        BnsError: it cannot be read or parsed, has no network, or several.
    """
    log = DiagnosticLog()
    tree = parse(read_source(path), log)
    log.stop_on_errors()
    return only_network(path, [i for i in tree.items if isinstance(i, nodes.Network)]).name


def only_network(path: Path, networks: Sequence[nodes.Network], others: str = "") -> nodes.Network:
    """Return the network where there is one; `others` is what could be chosen instead.

    Raises:
        BnsError: there is none, or there are several.
    """
    if len(networks) == 1:
        return networks[0]
    if networks:
        names = ", ".join(f"`{n.name}`" for n in networks)
        message = f"`{path}` has several networks: {names}"
        raise BnsError([error("BN610", message, None, help=f"choose one with `--network`{others}")])
    message = f"`{path}` has no network to run"
    advice = "write a network that uses its blocks; `bnsyn new neuron NAME` shows how"
    raise BnsError([error("BN610", message, None, help=advice)])
