"""Which method integrates which system, why, and what is exact in it."""

from __future__ import annotations

import numpy as np
import pytest
from mpmath import mp
from numba import njit

from bnsyn_dsl.abi.matrix_exponential import bn_expm
from bnsyn_dsl.analysis.choose import choose_update
from bnsyn_dsl.analysis.integrators.linear import linear_part, propagator
from bnsyn_dsl.analysis.update import UpdateSystem
from bnsyn_dsl.analysis.verify_update import evaluated
from bnsyn_dsl.diagnostics import Diagnostic, DiagnosticLog
from bnsyn_dsl.semantics.expression import Symbol, references
from tests import systems

OWN = '''
neuron Bent:
    """A neuron of one bent equation."""
    parameters:
        k = 0.5
    input:
        I = 0
    state:
        v = 0
    equations:
        dv/dt = 1/ms*(1 - v*{} + I)
    spike when v > 1:
        v = 0
'''


@njit(error_model="numpy")
def exponential(a, dt, size, p, m, t, q):  # type: ignore[no-untyped-def]
    bn_expm(a, dt, size, p, m, t, q)


def made(population: str, receptors: dict[str, str] | None = None, solve: str = "") -> UpdateSystem:
    text = systems.network_text(population, receptors)
    return systems.update_of(systems.system_of(text + (f"    solve: {solve}\n" if solve else "")))


@pytest.mark.parametrize(
    ("neuron", "receptors", "method", "reason"),
    [
        ("LIF", {}, "exact", "all equations are linear with constant coefficients"),
        ("LIF", {"ExpCurrent": "1 pA"}, "exact", "all equations are linear"),
        ("LIF", {"AlphaCurrent": "1 pA"}, "exact", "all equations are linear"),
        ("AdLIF", {"ExpCurrent": "1 pA"}, "exact", "all equations are linear"),
        ("LIF", {"AMPA": "1 nS"}, "adaptive", "the equation of `V_m` is not linear"),
        ("AdEx", {}, "adaptive", "the equation of `V_m` is not linear"),
        ("HodgkinHuxley", {}, "adaptive", "the equation of `V_m` is not linear"),
        ("OUSource", {}, "euler_maruyama", "it contains white noise"),
        ("PoissonSource", {}, "map", "it has no differential equations"),
    ],
)
def test_the_method_follows_from_the_equations(
    neuron: str, receptors: dict[str, str], method: str, reason: str
) -> None:
    chosen = made(f"{neuron}[3]", receptors)
    assert chosen.method == method
    assert chosen.reason.startswith(reason)


@pytest.mark.parametrize(
    ("neuron", "receptors", "states"),
    [
        ("LIF", {"ExpCurrent": "1 pA"}, ("V_m", "ExpCurrent.i")),
        ("LIF", {"AlphaCurrent": "1 pA"}, ("V_m", "AlphaCurrent.i", "AlphaCurrent.y")),
        ("AdLIF", {}, ("V_m", "w")),
        ("LIF", {"AMPA": "1 nS"}, ("AMPA.g",)),
        ("LIF", {"NMDARise": "1 nS"}, ("NMDARise.g_r", "NMDARise.g_d")),
        ("AdEx", {}, ()),
        ("AdEx", {"NMDA": "1 nS"}, ("NMDA.g",)),
        ("HodgkinHuxley", {}, ()),
    ],
)
def test_the_linear_part_is_the_largest_closed_one(
    neuron: str, receptors: dict[str, str], states: tuple[str, ...]
) -> None:
    system = systems.system_of(systems.network_text(f"{neuron}[3]", receptors))
    assert linear_part(system).states == states


def test_a_method_that_is_asked_for_is_taken() -> None:
    chosen = made("LIF[3]", solve="rk4")
    assert (chosen.method, chosen.reason) == ("rk4", "asked for by `solve`")


def refused(population: str, solve: str, head: str = "") -> Diagnostic:
    text = systems.network_text(population, head=head) + f"    solve: {solve}\n"
    (group,) = systems.groups_of(systems.plan_of(text))
    log = DiagnosticLog()
    span = group.members[0].span
    known = ["adaptive", "euler", "exact", "rk2", "rk4"]

    def find(name: str) -> object:
        from bnsyn_dsl import registry

        return registry.find(registry.INTEGRATORS, name)

    assert choose_update(group.system, find, lambda: known, log, span) is None  # type: ignore[arg-type]
    (finding,) = log.found
    assert finding.span == span
    assert span is not None
    return finding


@pytest.mark.parametrize(
    ("solve", "help_text"),
    [
        ("rk44", "did you mean `rk4`?"),
        ("exacted", "did you mean `exact`?"),
        ("zzz", "known: auto, adaptive, euler, exact, rk2, rk4"),
    ],
)
def test_an_unknown_method_is_refused_with_the_nearest(solve: str, help_text: str) -> None:
    finding = refused("LIF[3]", solve)
    assert (finding.code, finding.help) == ("BN401", help_text)


@pytest.mark.parametrize(
    ("neuron", "solve", "message"),
    [
        ("AdEx", "exact", "the equation of `V_m` is not linear with constant coefficients"),
        ("OUSource", "rk4", "the equation of `I` contains white noise `xi`"),
        ("OUSource", "adaptive", "the equation of `I` contains white noise `xi`"),
        ("AdEx", "exponential_euler", "the equation of `V_m` is not linear in `V_m`"),
    ],
)
def test_an_unsuitable_method_is_refused_with_the_equation(
    neuron: str, solve: str, message: str
) -> None:
    finding = refused(f"{neuron}[3]", solve)
    assert finding.code == "BN402"
    assert finding.message == f"`{solve}` cannot integrate `{neuron}`: {message}"


@pytest.mark.parametrize(
    ("neuron", "receptors"),
    [
        ("LIF", {"ExpCurrent": "1 pA", "AlphaCurrent": "1 pA"}),
        ("AdLIF", {"AlphaCurrent": "1 pA"}),
        ("TwoCompartment", {}),
    ],
)
def test_propagators_are_matrix_exponentials(neuron: str, receptors: dict[str, str]) -> None:
    """Against mpmath, with the defaults of the library, entry by entry."""
    plan = systems.plan_of(systems.network_text(f"{neuron}[3]", receptors))
    (group,) = systems.groups_of(plan)
    part = linear_part(group.system)
    one = propagator(part, 1.0, "P")
    numbers = {
        Symbol(n, "parameter"): v
        for n, v in group.members[0].parameters.items()
        if isinstance(v, float)
    }
    a = np.zeros((one.columns, one.columns))
    for place, entry in one.matrix.items():
        assert {s.kind for s in references(entry)} <= {"parameter"}
        a[place] = evaluated(entry, numbers)
    work = [np.zeros_like(a) for _ in range(4)]
    exponential(a, 0.1, one.columns, *work)
    mp.dps = 40
    wanted = mp.expm(mp.matrix((a * 1).tolist()) * mp.mpf(0.1))
    for row in range(one.size):
        for column in range(one.columns):
            exact = float(wanted[row, column])
            assert abs(work[0][row, column] - exact) <= 2e-14 * abs(exact), (row, column)
            assert ((row, column) in one.entries) == (exact != 0.0)


def test_entries_of_a_may_contain_powers() -> None:
    head = OWN.format("k^2/(1 + k)^3")
    kernel = systems.kernel_of_text(systems.network_text("Bent[3]", head=head))
    assert kernel.method == "exact"


def test_the_adaptive_method_takes_systems_that_are_linear_throughout() -> None:
    head = OWN.format("k")
    text = systems.network_text("Bent[3]", head=head) + "    solve: adaptive\n"
    kernel = systems.kernel_of_text(text)
    assert kernel.substep is not None
    assert kernel.substep.states == ("v",)
