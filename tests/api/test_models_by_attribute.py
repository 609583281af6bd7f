"""`bns.models`: the library by attribute."""

from __future__ import annotations

import subprocess
import sys

import pytest

import bnsyn_dsl as bns


def test_a_model_is_an_attribute_and_can_be_imported() -> None:
    from bnsyn_dsl.models import AdEx

    assert isinstance(AdEx, bns.models.ModelHandle)
    assert AdEx.name == bns.models.AdEx.name == "AdEx"


def test_tab_completion_shows_the_library_and_what_loads_own_models() -> None:
    assert {"AdEx", "PairSTDP", "SpikeSource", "load_model"} <= set(dir(bns.models))
    assert not {"library_names", "suggestion"} & set(dir(bns.models))


def test_a_misspelt_model_is_refused_with_its_neighbour() -> None:
    with pytest.raises(AttributeError, match="there is no model `AdExx`; did you mean `AdEx`"):
        bns.models.AdExx  # noqa: B018


def test_the_module_of_models_is_found_before_any_other_is_loaded() -> None:
    code = "import bnsyn_dsl.models, bnsyn_dsl as bns; print(bns.models.LIF.name)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "LIF"
