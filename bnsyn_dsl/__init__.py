"""bnsyn-dsl: equations as in the paper, compiled to fast, reproducible kernels.

>>> import bnsyn_dsl as bns
>>> net = bns.Network(dt="0.1 ms", seed=1)
>>> E = net.population("E", bns.models.AdEx, 20, I_e="700 pA")
>>> net.connect(bns.poisson("500 Hz"), E, "AMPA", weight="1 nS")
>>> net.connect(E, E, "AMPA", rule="pairwise_bernoulli(0.1)", weight="1 nS", delay="1.5 ms")
>>> net.record(E[0:2], "V_m", every="1 ms")
>>> results = net.run("50 ms")
>>> results["E"].V_m.values.shape
(50, 2)
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bnsyn_dsl import models
    from bnsyn_dsl.api.building.places import poisson
    from bnsyn_dsl.api.model_handles import load_model
    from bnsyn_dsl.api.network import Network, NumericalError, load
    from bnsyn_dsl.api.quantities import quantity
    from bnsyn_dsl.api.results import Results
    from bnsyn_dsl.api.timed_array import TimedArray
    from bnsyn_dsl.diagnostics import BnsError
    from bnsyn_dsl.options import CompileOptions

__all__ = [
    "BnsError",
    "CompileOptions",
    "Network",
    "NumericalError",
    "Results",
    "TimedArray",
    "__version__",
    "load",
    "load_model",
    "models",
    "poisson",
    "quantity",
]

__version__ = "0.1.0"

# where each public name lives: imported when it is first used, so that `bnsyn fmt` needs no Numba
_PLACES = {
    "BnsError": "bnsyn_dsl.diagnostics",
    "CompileOptions": "bnsyn_dsl.options",
    "Network": "bnsyn_dsl.api.network",
    "NumericalError": "bnsyn_dsl.api.network",
    "Results": "bnsyn_dsl.api.results",
    "TimedArray": "bnsyn_dsl.api.timed_array",
    "load": "bnsyn_dsl.api.network",
    "load_model": "bnsyn_dsl.api.model_handles",
    "poisson": "bnsyn_dsl.api.building.places",
    "quantity": "bnsyn_dsl.api.quantities",
}


def __getattr__(name: str) -> object:
    if name == "models":
        return importlib.import_module("bnsyn_dsl.models")
    if name not in _PLACES:
        raise AttributeError(f"module `bnsyn_dsl` has no attribute `{name}`")
    value: object = getattr(importlib.import_module(_PLACES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)  # what tab completion shows: no stages of the compiler
