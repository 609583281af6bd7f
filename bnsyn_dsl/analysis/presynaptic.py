"""What a continuous synapse reads of its presynaptic neuron, in terms of arrays and numbers.

`pre.error` with `error = V_m - target` and `target = sin(2*pi*2 Hz*t)` becomes a formula of the
state `V_m` of the source and of `t`: everything is read at the beginning of the step.
"""

from __future__ import annotations

from collections.abc import Iterable

from bnsyn_dsl.analysis.continuous import Continuous
from bnsyn_dsl.analysis.couple import Coupled
from bnsyn_dsl.analysis.system import expanded
from bnsyn_dsl.semantics.expression import Expr, Ref, Symbol, rebuild, references, substitute
from bnsyn_dsl.semantics.model import Model
from bnsyn_dsl.semantics.statements import expressions

__all__ = ["presynaptic_symbols", "presynaptic_values", "sums_read"]

_READ = frozenset({"state", "parameter", "gathered", "refractory"})


def presynaptic_symbols(parts: Continuous, synapse: Model) -> list[Symbol]:
    """Return every `pre.x` that a synapse reads, each once, in order."""
    exprs: list[Expr] = [s.value for s in parts.sums]
    exprs += [d.value for d in parts.derivatives]
    for handler in synapse.handlers:
        exprs += expressions(handler.body)
    return list(dict.fromkeys(s for e in exprs for s in references(e) if s.owner == "pre"))


def presynaptic_values(symbols: Iterable[Symbol], source: Coupled) -> dict[Symbol, Expr]:
    """Return what each `pre.x` stands for: formulas of `pre.state`, `pre.parameter`, `t`."""
    return {s: _owned(_value(s, source), s.owner) for s in symbols}


def sums_read(values: Iterable[Expr], source: Coupled) -> list[Symbol]:
    """Return the sums of continuous synapses that are read: they are formed at the same time."""
    return [s for v in values for s in references(v) if s.name in source.sums]


def _value(symbol: Symbol, source: Coupled) -> Expr:
    system = source.system
    if symbol.kind == "refractory":
        return Ref(symbol=Symbol("refractory", "refractory"))
    if any(s.name == symbol.name for s in system.states):
        return Ref(symbol=Symbol(symbol.name, "state"))
    defined = any(d.name == symbol.name for d in system.definitions)
    kind = "auxiliary" if defined else "parameter"
    value = expanded(Ref(symbol=Symbol(symbol.name, kind)), system)
    held = {Symbol(d.name, "auxiliary"): d.value for d in system.definitions if d.held}
    return substitute(value, held)


def _owned(value: Expr, owner: str) -> Expr:
    def change(e: Expr) -> Expr | None:
        if isinstance(e, Ref) and not e.symbol.owner and e.symbol.kind in _READ:
            return Ref(symbol=Symbol(e.symbol.name, e.symbol.kind, owner))
        return None

    return rebuild(value, change)
