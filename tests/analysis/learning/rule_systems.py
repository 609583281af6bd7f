"""Plasticity rules of the library and of texts, analysed as a network uses them."""

from __future__ import annotations

from bnsyn_dsl.analysis.grouping import group_systems
from bnsyn_dsl.analysis.learning.system import LearningSystem
from bnsyn_dsl.analysis.members import with_states_in_wires
from bnsyn_dsl.diagnostics import DiagnosticLog
from bnsyn_dsl.wiring.learning import learned_projections
from tests import systems

__all__ = ["NETWORK", "RULES", "library_system", "system_of"]

NETWORK = """
modulator Source:
    state:
        n = 0.3 Hz
    equations:
        dn/dt = -n/(30 ms)

network Net:
    populations:
        E : {neuron}[5]
    modulators:
        pool : Source
    projections:
        E -> E as learning : {synapse} with {rule} all_to_all {{ weight = {weight}, delay = 1 ms }}
    simulate: 10 ms, dt = 0.1 ms, seed = 1
"""
PLAIN = {"neuron": "LIF", "synapse": "ExpCurrent", "weight": "5 pA"}

# use in braces, and where it is not LIF and ExpCurrent
RULES: dict[str, tuple[str, dict[str, str]]] = {
    "PairSTDP": ("w_max = 10 pA", {}),
    "PairSTDPNearest": ("w_max = 10 pA", {}),
    "DopamineSTDP": ("w_max = 10 pA, n = pool.n", {}),
    "RSTDP": ("w_max = 10 pA, S = pool.n", {}),
    "RMax": ("w_max = 10 pA, S = pool.n", {"neuron": "GIF"}),
    "TripletSTDP": ("w_max = 10 pA", {}),
    "TripletSTDPFull": ("w_max = 10 pA", {}),
    "InhibitorySTDP": ("w_max = 10 pA", {}),
    "WeightDependentSTDP": ("w_max = 10 pA", {}),
    "BCM": ("w_max = 10 pA", {}),
    "BraderFusi": ("J_minus = 1 pA, J_plus = 9 pA", {}),
    "ClopathSTDP": ("w_max = 10 pA", {}),
    "DualWeight": ("w_max = 10 pA, protein = pool.n*1 s", {}),
    "EProp": ("", {"neuron": "EpropALIF", "synapse": "Delta", "weight": "0.5"}),
}


def system_of(text: str, wanted: str | None = None) -> LearningSystem:
    """Return the only plastic projection of a text, analysed."""
    log = DiagnosticLog()
    plan = with_states_in_wires(systems.plan_of(text), log)
    (learned,) = learned_projections(plan, group_systems(plan, log), log, wanted)
    log.stop_on_errors()
    return learned.system


def library_system(name: str, wanted: str | None = None, more: str = "") -> LearningSystem:
    """Return a rule of the library; `more` are settings for its braces."""
    braces, places = RULES[name]
    settings = ", ".join(s for s in (braces, more) if s)
    use = f"{name} {{ {settings} }}" if settings else name
    return system_of(NETWORK.format(**{**PLAIN, **places}, rule=use), wanted)
