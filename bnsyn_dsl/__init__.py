"""bnsyn-dsl: equations as in the paper, compiled to fast, reproducible kernels."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bnsyn_dsl.diagnostics import BnsError
    from bnsyn_dsl.network import Network, NumericalError, load
    from bnsyn_dsl.options import CompileOptions
    from bnsyn_dsl.results import Results

__all__ = [
    "BnsError",
    "CompileOptions",
    "Network",
    "NumericalError",
    "Results",
    "__version__",
    "load",
]

__version__ = "0.1.0"

# where each public name lives: imported when it is first used, so that `bnsyn fmt` needs no Numba
_PLACES = {
    "BnsError": "bnsyn_dsl.diagnostics",
    "CompileOptions": "bnsyn_dsl.options",
    "Network": "bnsyn_dsl.network",
    "NumericalError": "bnsyn_dsl.network",
    "Results": "bnsyn_dsl.results",
    "load": "bnsyn_dsl.network",
}


def __getattr__(name: str) -> object:
    if name not in _PLACES:
        raise AttributeError(f"module `bnsyn_dsl` has no attribute `{name}`")
    value: object = getattr(importlib.import_module(_PLACES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
