"""`net.modulators["dopamine"]`: the states of a modulator, and signals to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, overload

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.api.live.units import given as as_given
from bnsyn_dsl.api.live.units import internal, shown, unlike
from bnsyn_dsl.api.quantities import shown_number, wrong
from bnsyn_dsl.semantics.dimension import ONE, Dimension, DimensionSolver
from bnsyn_dsl.semantics.model import EventHandler, Model
from bnsyn_dsl.semantics.quantity_text import quantity_text, shown_unit
from bnsyn_dsl.semantics.scope import suggestion

if TYPE_CHECKING:
    from bnsyn_dsl.api.network import Network
    from bnsyn_dsl.assembly.pool_states import PoolStates
    from bnsyn_dsl.semantics.plan import PoolPlan

__all__ = ["Modulator", "Modulators"]

_OWN = ("name", "pools", "send", "signals", "states")


class Modulators(Mapping[str, "Modulator"]):
    """The modulators of a network by name."""

    def __init__(self, net: Network) -> None:
        self._net = net
        self._built: dict[str, PoolStates] = {}

    def __getitem__(self, name: str) -> Modulator:
        return Modulator(self, name, 0, self.plan(name).size)

    def __iter__(self) -> Iterator[str]:
        return iter([p.name for p in self._net.settled.pools])

    def __len__(self) -> int:
        return len(self._net.settled.pools)

    def __contains__(self, name: object) -> bool:
        return name in list(self)

    def __repr__(self) -> str:
        return f"<modulators: {', '.join(self) or 'none'}>"

    def plan(self, name: str) -> PoolPlan:
        """Return what is settled of one modulator.

        Raises:
            BnsError: there is no such modulator.
        """
        plans = {p.name: p for p in self._net.settled.pools}
        if name not in plans:
            hint = suggestion(str(name), plans) or f"there are: {', '.join(plans) or 'none'}"
            raise wrong(f"there is no modulator `{name}`", code="BN463", help=hint)
        return plans[name]

    def pool(self, name: str, size: int) -> Modulator:
        """Return a modulator that was just declared: nothing else need be settled yet."""
        return Modulator(self, name, 0, size)

    def pools(self, name: str) -> PoolStates:
        """Return the pools of one modulator in the network, which is built where it was not."""
        from bnsyn_dsl.assembly.pool_states import PoolStates

        assembly = self._net.build()
        if name not in self._built or self._built[name].assembly is not assembly:
            names = [p.name for p in assembly.compiled.plan.pools]
            number = names.index(name)
            plan = assembly.compiled.plan.pools[number]
            self._built[name] = PoolStates(plan=plan, number=number, assembly=assembly)
        return self._built[name]


class Modulator:
    """All pools of a modulator, or some: `critic[2]`, `critic[0:2]`.

    Every state, input, parameter and auxiliary name is an attribute: `critic.S`, float64[pools] in
    the unit that is shown. A state can be set. A name that is taken (`name`, `pools`, `send`,
    `signals`, `states`) is read as `critic["name"]`.
    """

    __slots__ = ("_all", "_first", "_last", "name")

    _all: Modulators
    _first: int
    _last: int
    name: str

    def __init__(self, every: Modulators, name: str, first: int, last: int) -> None:
        for key, value in (("_all", every), ("name", name), ("_first", first), ("_last", last)):
            object.__setattr__(self, key, value)

    def __len__(self) -> int:
        return self._last - self._first

    def __repr__(self) -> str:
        return f"<modulator {self._shown}: {len(self)} pool{'' if len(self) == 1 else 's'}>"

    @property
    def pools(self) -> tuple[int, int]:
        """The first pool of these, and the one behind the last."""
        return self._first, self._last

    @overload
    def __getitem__(self, key: int | slice) -> Modulator: ...

    @overload
    def __getitem__(self, key: str) -> NDArray[np.float64]: ...

    def __getitem__(self, key: int | slice | str) -> Modulator | NDArray[np.float64]:
        """Return one pool (`critic[2]`), some (`critic[0:2]`), or values by name.

        Raises:
            BnsError: there is no such name.
            IndexError: there is no such pool.
        """
        if isinstance(key, str):
            return self._read(key)
        if isinstance(key, slice):
            first, last, step = key.indices(len(self))
            if step != 1 or first >= last:
                raise IndexError(f"pools of `{self.name}` are a slice without step, not {key}")
        else:
            if not -len(self) <= key < len(self):
                raise IndexError(f"`{self._shown}` has {len(self)} pools, there is no {key}")
            first = range(len(self))[key]
            last = first + 1
        return Modulator(self._all, self.name, self._first + first, self._first + last)

    def __setitem__(self, state: str, value: object) -> None:
        self._set(state, value)

    def __getattr__(self, name: str) -> NDArray[np.float64]:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._dimensions:
            raise AttributeError(self._unknown(name, list(self._dimensions)))
        return self._read(name)

    def __setattr__(self, name: str, value: object) -> None:
        if name in _OWN:
            raise AttributeError(f"`{name}` of a modulator cannot be set; a state: `x[{name!r}]`")
        self._set(name, value)

    def __dir__(self) -> list[str]:
        return sorted({*_OWN, *self._dimensions})

    # ------------------------------------------------------------------------- signals

    @property
    def states(self) -> dict[str, str]:
        """The states by name, each with the unit in which it is shown."""
        return {s.name: shown_unit(s.dimension)[0] for s in self._model.states}

    @property
    def signals(self) -> dict[str, tuple[str, ...]]:
        """The signals that can be sent, with their arguments."""
        return {h.event: h.arguments for h in _signals(self._model)}

    def send(self, signal: str, **arguments: object) -> None:
        """Run `on signal(...)` once, on these pools, before the next step begins.

        Args:
            signal: its name.
            arguments: by name, numbers or quantities (`R=1`, `R="2 Hz"`).

        Raises:
            BnsError: there is no such signal or argument, one is missing, or a value is impossible.
        """
        handler = next((h for h in _signals(self._model) if h.event == signal), None)
        if handler is None:
            known = [h.event for h in _signals(self._model)]
            hint = suggestion(str(signal), known) or f"it has: {', '.join(known) or 'none'}"
            raise wrong(f"`{self.name}` has no signal `{signal}`", code="BN463", help=hint)
        given = self._arguments(handler, arguments)
        from bnsyn_dsl.assembly.pool_states import NotFormedError

        try:
            self._all.pools(self.name).send(handler, given, slice(self._first, self._last))
        except NotFormedError as reason:
            raise wrong(f"`{signal}` to `{self._shown}` is impossible: {reason}") from reason

    def _arguments(self, handler: EventHandler, given: dict[str, object]) -> dict[str, float]:
        written = f"{handler.event}({', '.join(handler.arguments)})"
        for name in given:
            if name not in handler.arguments:
                hint = suggestion(name, handler.arguments) or f"it is `{written}`"
                message = f"the signal `{handler.event}` has no argument `{name}`"
                raise wrong(message, code="BN463", help=hint)
        found, solver = {}, DimensionSolver()
        for name, dimension in zip(handler.arguments, handler.dimensions, strict=True):
            if name not in given:
                message = f"the signal `{written}` to `{self._shown}` needs a value for `{name}`"
                raise wrong(message, help=f"`send({_example(handler)})`")
            what = f"`{name}` of `{written}`"
            found[name] = _argument(given[name], dimension, what, solver)
        return found

    # -------------------------------------------------------------------------- values

    @property
    def _shown(self) -> str:
        size = self._all.plan(self.name).size
        if len(self) == size:
            return self.name
        one = len(self) == 1
        return f"{self.name}[{self._first}]" if one else f"{self.name}[{self._first}:{self._last}]"

    @property
    def _model(self) -> Model:
        return self._all.plan(self.name).model

    @property
    def _dimensions(self) -> dict[str, Dimension]:
        model = self._model
        found = {d.name: d.dimension for d in model.states}
        found |= {a.name: a.dimension for a in model.auxiliaries}
        return found | {d.name: d.dimension for d in (*model.inputs, *model.parameters)}

    def _unknown(self, name: str, known: list[str]) -> str:
        hint = suggestion(name, known) or f"there are: {', '.join(known)}"
        return f"`{self.name}` has no `{name}`; {hint}"

    def _read(self, name: str) -> NDArray[np.float64]:
        dimensions = self._dimensions
        if name not in dimensions:
            raise wrong(self._unknown(name, list(dimensions)), code="BN463")
        from bnsyn_dsl.assembly.pool_states import NotFormedError

        try:
            values = self._all.pools(self.name).read(name)[self._first : self._last]
        except NotFormedError as reason:
            raise wrong(f"`{self.name}.{name}` cannot be read: {reason}") from reason
        return shown(values, dimensions[name])

    def _set(self, name: str, value: object) -> None:
        states = {s.name: s.dimension for s in self._model.states}
        what = f"`{name}` of `{self._shown}`"
        if name not in states:
            text = self._unknown(name, list(states))
            if name in self._dimensions:
                text = f"`{name}` of `{self.name}` is no state and cannot be set"
            raise wrong(text, code="BN463", help=f"states: {', '.join(states) or 'none'}")
        values = internal(value, states[name], what)
        if values.ndim and values.shape != (len(self),):
            message = f"{what} needs one value, or one for each of {len(self)} pools"
            raise wrong(f"{message}, found an array of shape {values.shape}", code="BN461")
        values = np.broadcast_to(values, (len(self),))
        pool = self._all.pools(self.name)
        self._check_bounds(pool.bounds_of(name), values, states[name], what)
        pool.set(name, values, slice(self._first, self._last))

    def _check_bounds(
        self, bounds: object, values: NDArray[np.float64], dimension: Dimension, what: str
    ) -> None:
        if bounds is None:
            return
        size = self._all.plan(self.name).size
        low, high = (
            np.broadcast_to(b, (size,))[self._first : self._last]
            for b in bounds  # type: ignore[attr-defined]
        )
        outside = np.flatnonzero(~((low <= values) & (values <= high)))
        if len(outside):
            at = int(outside[0])
            texts = [quantity_text(float(x[at]), dimension) for x in (values, low, high)]
            message = f"{what} would be {texts[0]} in pool {self._first + at}"
            raise wrong(f"{message}, expected {texts[1]} to {texts[2]}", code="BN443")


def _signals(model: Model) -> list[EventHandler]:
    return [h for h in model.handlers if h.event != "spike"]


def _example(handler: EventHandler) -> str:
    parts = [f'"{handler.event}"']
    for name, dimension in zip(handler.arguments, handler.dimensions, strict=True):
        text = "1" if dimension.unknowns else shown_unit(dimension)[0]
        parts.append(f"{name}=1" if text == "1" else f'{name}="1 {text}"')
    return ", ".join(parts)


def _argument(value: object, wanted: Dimension, what: str, solver: DimensionSolver) -> float:
    """Return an argument in internal units; `solver` knows the units of those before."""
    measured = as_given(value, what)
    if not measured.is_scalar:
        raise wrong(f"{what} must be one value, found an array of shape {measured.values.shape}")
    if solver.equal(wanted, measured.dimension or ONE):
        return float(measured.values)
    dimension = solver.value(wanted)
    if measured.dimension is None:
        unit = shown_unit(dimension)[0]
        advice = f'"{shown_number(measured)[0]} {unit}"'
        raise wrong(f"{what} needs a unit: it is in `{unit}`", code="BN462", help=advice)
    raise wrong(unlike(what, dimension, measured.dimension), code="BN462")
