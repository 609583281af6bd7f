"""Euler-Maruyama for equations with white noise: strong order 1/2, order 1 for additive noise.

Each equation has its own noise: `xi` stands for a standard normal number over sqrt(dt).
"""

from __future__ import annotations

from bnsyn_dsl.analysis.integrators.programs import DT, definitions_for, moving, ref
from bnsyn_dsl.analysis.registration import Integrator
from bnsyn_dsl.analysis.system import CoupledSystem
from bnsyn_dsl.analysis.update import Let, Update, local
from bnsyn_dsl.semantics.expression import Apply, Random, Ref, Symbol, constant, substitute

__all__ = ["INTEGRATOR", "NOISE_DRAW"]

_XI = Symbol("xi", "noise")
NOISE_DRAW = 0


def _update(system: CoupledSystem) -> Update:
    states = moving(system)
    right = {s: system.rhs(s) for s in states}
    body = list(definitions_for(system, [r for r in right.values() if r is not None]))
    new = {}
    for state, value in right.items():
        assert value is not None
        noise = Random(
            distribution="normal", args=(constant(0.0), constant(1.0)), number=NOISE_DRAW
        )
        scaled = Apply(op="div", args=(noise, Apply(op="sqrt", args=(DT,))))
        drift = substitute(value, {_XI: Ref(symbol=Symbol(f"{state}:noise", "local"))})
        if drift != value:
            body.append(Let(names=(f"{state}:noise",), value=scaled))
        step = Apply(op="add", args=(ref(state), Apply(op="mul", args=(DT, drift))))
        body.append(Let(names=(f"{state}:new",), value=step, comment=state))
        new[state] = local(f"{state}:new")
    return Update(body=tuple(body), new=new)


INTEGRATOR = Integrator(name="euler_maruyama", update=_update, order=0.5, stability_interval=2.0)
