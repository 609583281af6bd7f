"""Recorded auxiliary names: formed from the values at the end of a step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import systems


def test_auxiliary_names_are_recorded_with_receptors_and_wires(tmp_path: Path) -> None:
    text = systems.network_text("LIF[4] { I_e = 2 pA/ms*t }", {"AMPA": "1 nS"}).replace(
        "spikes of A", "I_syn of A every 1 ms\n        I_e of A every 1 ms"
    )
    (group,) = systems.groups_of(systems.plan_of(text))
    module = systems.module_of(systems.kernel_in(group), tmp_path)
    assert dict(module.manifest.observers) == {"I_syn": "I_syn", "I_e": "I_e"}
    arrays = module.arrays(4)
    columns = [c.source for c in module.manifest.parameters]
    arrays["par"][0, columns.index("AMPA.E_rev")] = 3.0
    arrays["V_m_all"][:] = [0.0, 1.0, 2.0, 3.0]
    arrays["AMPA_g_all"][:] = [1.0, 2.0, 3.0, 4.0]
    module.prepare(arrays, 0.5)
    out = np.full(3, np.nan)
    given: dict[str, Any] = {
        **arrays, "lo": 0, "hi": 2, "step": 10, "dt": 0.5, "out": out,
        "chosen": np.array([1, 3, 0]),
    }  # fmt: skip
    arguments = [given[a] for a in module.manifest.observe_arguments]
    module.callable("observe_I_syn")(*arguments)
    np.testing.assert_array_equal(out, [2.0 * (3.0 - 1.0), 4.0 * (3.0 - 3.0), np.nan])
    module.callable("observe_I_e")(*arguments)
    assert out[:2].tolist() == pytest.approx([10.0, 10.0], abs=1e-12)
