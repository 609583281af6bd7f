"""The models of the library by attribute: `bns.models.AdEx`; own models with `load_model`."""

from __future__ import annotations

from bnsyn_dsl.api.model_handles import ModelHandle, Parameter, library_names, load_model
from bnsyn_dsl.semantics.scope import suggestion
from bnsyn_dsl.semantics.spike_source import SPIKE_SOURCE

__all__ = ["ModelHandle", "Parameter", "load_model"]


def __getattr__(name: str) -> ModelHandle:
    if name.startswith("_"):
        raise AttributeError(name)
    known = (*library_names(), SPIKE_SOURCE)
    if name not in known:
        hint = suggestion(name, known)
        raise AttributeError(f"there is no model `{name}`" + (f"; {hint}" if hint else ""))
    return ModelHandle(name=name)


def __dir__() -> list[str]:
    return sorted({*__all__, *library_names(), SPIKE_SOURCE})
