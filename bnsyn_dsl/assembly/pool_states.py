"""The pools of one modulator in a network that was built: read, set, sent signals.

Everything here happens between two steps. A signal runs its handler once, with the inputs as they
are held, by the project's own functions: the same bits on every machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.abi.host_functions import HOST_FUNCTIONS
from bnsyn_dsl.analysis.learning.owners import inlined
from bnsyn_dsl.assembly.assemble import Assembly
from bnsyn_dsl.assembly.values import element_values
from bnsyn_dsl.semantics.evaluate import Environment, Value, evaluate
from bnsyn_dsl.semantics.expression import Expr, Ref, Symbol, references, substitute
from bnsyn_dsl.semantics.model import Bounds, EventHandler, Model, Set, Statement
from bnsyn_dsl.semantics.network_scope import DT, TIME
from bnsyn_dsl.semantics.plan import PoolPlan
from bnsyn_dsl.semantics.statements import expressions

__all__ = ["NotFormedError", "PoolStates"]

_SIZE = Symbol("size", "size")


class NotFormedError(Exception):
    """A value does not exist at this moment; the text says why."""


@dataclass(slots=True, kw_only=True)
class PoolStates:
    """States, parameters and inputs of a modulator; all values are in internal units.

    `sent` counts the signals so far, so that each of them draws other random numbers.
    """

    plan: PoolPlan
    number: int
    assembly: Assembly
    sent: int = 0
    _plain: Model = field(init=False, repr=False)
    _formulas: dict[str, Expr] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._plain = inlined(self.plan.model)
        values: dict[Symbol, Expr] = {}
        for one in self.plan.model.auxiliaries:  # each uses only earlier ones
            values[Symbol(one.name, "auxiliary")] = substitute(one.value, values)
        self._formulas = {symbol.name: value for symbol, value in values.items()}

    @property
    def states(self) -> NDArray[np.float64]:
        """The array the time loop works on: float64[states, pools]."""
        array: NDArray[np.float64] = self._array("states")
        return array

    def read(self, name: str) -> NDArray[np.float64]:
        """Return a state, input, parameter or auxiliary name as it is now: float64[pools].

        Raises:
            NotFormedError: it depends on a wire, and no step has begun yet.
        """
        symbols = self._symbols()
        kinds = ("state", "input", "parameter")
        own = next((Symbol(name, k) for k in kinds if Symbol(name, k) in symbols), None)
        formula: Expr = self._formulas[name] if own is None else Ref(symbol=own)
        self._require_held(references(formula), f"`{name}`")
        value = self._value(formula, symbols)
        return np.array(np.broadcast_to(value, (self.plan.size,)), np.float64)

    def bounds_of(self, name: str) -> tuple[Value, Value] | None:
        """Return the bounds of a state as they are now, None where it has none."""
        bounds = self._bounds().get(name)
        if bounds is None:
            return None
        symbols = self._symbols()
        return self._value(bounds.low, symbols), self._value(bounds.high, symbols)

    def set(self, name: str, values: Value, chosen: slice) -> None:
        """Set a state of some pools."""
        self.states[self._row(name), chosen] = values

    def send(self, handler: EventHandler, given: Mapping[str, float], chosen: slice) -> None:
        """Run the handler of a signal once on some pools.

        Raises:
            NotFormedError: it reads a wired input before the first step, or a state would become
                infinite or not a number; nothing has changed.
        """
        handler = next(h for h in self._plain.handlers if h.event == handler.event)
        self._require_held(_read(handler.body), f"`on {handler.event}`")
        symbols = self._symbols()
        for name, value in given.items():
            symbols[Symbol(name, "argument", handler.event)] = value
        stream = f"{self.plan.name}.on {handler.event} {self.sent}"
        everywhere = np.ones(self.plan.size, bool)
        with np.errstate(all="ignore"):  # what comes of it is looked at below
            self._run(handler.body, symbols, everywhere, stream)
        found = np.array([symbols[Symbol(s.name, "state")] for s in self.plan.model.states])
        wild = np.argwhere(~np.isfinite(found[:, chosen]))
        if len(wild):
            state = self.plan.model.states[int(wild[0][0])].name
            raise NotFormedError(f"`{state}` would become infinite or not a number")
        if len(found):
            self.states[:, chosen] = found[:, chosen]
        self.sent += 1

    # ---------------------------------------------------------------------- statements

    def _run(
        self,
        body: Iterable[Statement],
        symbols: dict[Symbol, Value],
        where: NDArray[np.bool_],
        stream: str,
    ) -> None:
        """Run statements in their order; outside of `where` nothing changes."""
        for statement in body:
            if isinstance(statement, Set):
                value = self._drawn(statement.value, symbols, stream)
                now = np.where(where, value, symbols[statement.target])
                symbols[statement.target] = self._within(statement.target.name, now, symbols)
                continue
            holds = np.broadcast_to(
                np.asarray(self._drawn(statement.condition, symbols, stream)) != 0, where.shape
            )
            self._run(statement.then, symbols, where & holds, stream)
            self._run(statement.otherwise, symbols, where & ~holds, stream)

    def _within(self, state: str, value: Any, symbols: Mapping[Symbol, Value]) -> Value:
        bounds = self._bounds().get(state)
        if bounds is None:
            return value  # type: ignore[no-any-return]
        low, high = self._value(bounds.low, symbols), self._value(bounds.high, symbols)
        return np.where(value < low, low, np.where(value > high, high, value))

    def _bounds(self) -> dict[str, Bounds]:
        found = {s.name: s.bounds for s in self._plain.states if s.bounds is not None}
        return {**found, **dict(self._plain.bounds)}

    def _drawn(self, expr: Expr, symbols: Mapping[Symbol, Value], stream: str) -> Value:
        seed = self.assembly.compiled.plan.seed
        return element_values(expr, self.plan.size, symbols, seed, stream)

    def _value(self, expr: Expr, symbols: Mapping[Symbol, Value]) -> Value:
        with np.errstate(all="ignore"):
            return evaluate(expr, Environment(symbols=symbols, functions=HOST_FUNCTIONS))

    # ------------------------------------------------------------------------- symbols

    def _symbols(self) -> dict[Symbol, Value]:
        """Return copies of everything a handler may read, one value for each pool."""
        model, dt = self.plan.model, self.assembly.compiled.plan.dt
        found: dict[Symbol, Value] = {
            TIME: self.assembly.simulation.step * dt,
            DT: dt,
            _SIZE: float(self._array("size")),
        }
        kinds = (("par", "parameter", model.parameters), ("inputs", "input", model.inputs),
                 ("states", "state", model.states))  # fmt: skip
        for array, kind, declared in kinds:
            rows = self._array(array)
            found.update({Symbol(d.name, kind): rows[k].copy() for k, d in enumerate(declared)})
        return found

    def _require_held(self, symbols: Iterable[Symbol], what: str) -> None:
        """Refuse what has no value yet: a wire is read when a step begins."""
        for symbol in symbols:
            if symbol.kind == "spikes":
                raise NotFormedError(f"{what} reads `spikes`, which are counted for `every` alone")
            wired = symbol.kind == "input" and symbol.name in self.plan.wires
            if wired and self.assembly.simulation.step == 0:
                why = "which has no value before the first step"
                raise NotFormedError(f"{what} reads the wire `{symbol.name}`, {why}")

    def _row(self, state: str) -> int:
        return [s.name for s in self.plan.model.states].index(state)

    def _array(self, name: str) -> Any:
        return self.assembly.arguments[f"pool{self.number}_{name}"]


def _read(body: Iterable[Statement]) -> tuple[Symbol, ...]:
    return tuple(symbol for e in expressions(body) for symbol in references(e))
