"""Equations that are linear although their tree does not show it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests import systems

HIDDEN = """neuron Hidden:
    parameters:
        tau = 10 ms
        a = 2
        k = 5 ms
    state:
        x = 1
    equations:
        dx/dt = -x/tau + (x - a)*(x + a)/k - x^2/k
    spike when x > 100
"""
NETWORK = """network One:
    populations:
        A : Hidden[1]
    simulate: 1 ms, dt = 0.1 ms, seed = 1
"""


def test_terms_that_cancel_leave_an_exact_system() -> None:
    kernel = systems.kernel_of_text(HIDDEN + NETWORK)
    assert kernel.method == "exact"


@pytest.mark.parametrize("term", ["x^2/k", "(x - a)*(x - a)/k", "exp(-x)/k"])
def test_what_does_not_cancel_stays_nonlinear(term: str) -> None:
    text = HIDDEN.replace("(x - a)*(x + a)/k - x^2/k", term)
    assert systems.kernel_of_text(text + NETWORK).method == "adaptive"


def test_sympy_is_not_asked_where_numbers_say_no() -> None:
    code = (
        "import sys; from tests import systems; from tests.analysis.test_decide import *;"
        "systems.kernel_of_text(HIDDEN.replace('(x - a)*(x + a)/k - x^2/k', 'x^2/k') + NETWORK);"
        "assert 'sympy' not in sys.modules;"
        "systems.kernel_of_text(HIDDEN + NETWORK); assert 'sympy' in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
