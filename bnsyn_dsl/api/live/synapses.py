"""`net.synapses["recurrent"]`: who is connected to whom, weights, states of rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.api.live.units import internal, shown
from bnsyn_dsl.api.quantities import wrong
from bnsyn_dsl.semantics.dimension import ONE, Dimension
from bnsyn_dsl.semantics.quantity_text import quantity_text, shown_unit
from bnsyn_dsl.semantics.scope import suggestion

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from bnsyn_dsl.api.network import Network
    from bnsyn_dsl.assembly.assemble import Assembly
    from bnsyn_dsl.assembly.learning import LearningSynapses
    from bnsyn_dsl.assembly.synapse_states import StaticSynapses
    from bnsyn_dsl.semantics.plan import ProjectionPlan

__all__ = ["Projections", "Synapses"]

_OWN = ("delay_ms", "histogram", "name", "plot_histogram", "source", "states", "target", "write")
_ROUNDING = 1e-12  # relative: what a unit may change in a number that lies on a bound


class Projections(Mapping[str, "Synapses"]):
    """The projections of a network by name; those from lists to lists have one for each pair."""

    def __init__(self, net: Network) -> None:
        self._net = net
        self._assembly: Assembly | None = None
        self._drawn: dict[str, StaticSynapses] = {}

    def __getitem__(self, name: str) -> Synapses:
        self.plan(name)
        return Synapses(self, name)

    def __iter__(self) -> Iterator[str]:
        return iter([p.name for p in self._net.settled.connections])

    def __len__(self) -> int:
        return len(self._net.settled.connections)

    def __contains__(self, name: object) -> bool:
        return name in list(self)

    def __repr__(self) -> str:
        return f"<projections: {', '.join(self) or 'none'}>"

    def plan(self, name: str) -> ProjectionPlan:
        """Return what is settled of one projection.

        Raises:
            BnsError: there is no such projection.
        """
        plans = {p.name: p for p in self._net.settled.connections}
        if name not in plans:
            pairs = [p for p in plans if p.startswith(f"{name}[")]
            hint = suggestion(str(name), plans) or f"there are: {', '.join(plans) or 'none'}"
            if pairs:
                hint = f"it has one for each pair: {', '.join(pairs)}"
            raise wrong(f"there is no projection `{name}`", code="BN463", help=hint)
        return plans[name]

    def _plans(self) -> dict[str, ProjectionPlan]:
        """Return the projections, those that act without spikes behind the others."""
        settled = self._net.settled
        return {p.name: p for p in (*settled.projections, *settled.couplings)}

    def dimension(self, name: str, state: str) -> Dimension:
        """Return the dimension of the weight or a state of a projection."""
        one = self.plan(name)
        if one.learning is not None:
            rule = one.learning.rule
            found = rule.weight if state == "weight" else rule.dimension_of(state)
        else:
            receptors = self._net.settled.population(one.target.population).receptors
            found = receptors[one.ports[0].receptor].synapse.weight
        return ONE if found is None else found

    def built(self, name: str) -> LearningSynapses | StaticSynapses:
        """Return the synapses in the network, which is built where it was not."""
        from bnsyn_dsl.assembly.synapse_states import static_synapses

        assembly = self._net.build()
        if assembly is not self._assembly:
            self._assembly, self._drawn = assembly, {}
        if name in assembly.simulation.learning:
            found: LearningSynapses = assembly.simulation.learning[name]
            return found
        if name not in self._drawn:
            plan = assembly.compiled.plan
            one = next(p for p in plan.connections if p.name == name)
            self._drawn[name] = static_synapses(one, plan)
        return self._drawn[name]

    @property
    def dt(self) -> float:
        """The step in ms."""
        return self._net.settled.dt

    @property
    def step(self) -> int:
        """The number of steps done."""
        return self._net.build().simulation.step


class Synapses:
    """The synapses of one projection, ordered by source, then target.

    `weight` and every state of its rule is an attribute, float64[synapses] in the unit that is
    shown; what a rule keeps once per neuron is spread. Reading changes nothing. The weight and
    states at the synapses can be set: `x.weight = 2 * x.weight`.
    """

    __slots__ = ("_all", "name")

    _all: Projections
    name: str

    def __init__(self, every: Projections, name: str) -> None:
        object.__setattr__(self, "_all", every)
        object.__setattr__(self, "name", name)

    def __len__(self) -> int:
        return len(self._all.built(self.name).source)

    def __repr__(self) -> str:
        rule = "static" if self._rule is None else self._rule
        return f"<synapses {self.name}: {rule}>"

    def __getitem__(self, state: str) -> NDArray[np.float64]:
        if state not in self.states:
            raise wrong(self._unknown(state), code="BN463")
        return self._read(state)

    def __setitem__(self, state: str, values: object) -> None:
        self.write(**{state: values})

    def __getattr__(self, name: str) -> NDArray[np.float64]:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self.states:
            raise AttributeError(self._unknown(name))
        return self._read(name)

    def __setattr__(self, name: str, values: object) -> None:
        if name in _OWN:
            raise AttributeError(f"`{name}` of synapses cannot be set; a state: `x[{name!r}]`")
        self.write(**{name: values})

    def __dir__(self) -> list[str]:
        return sorted({*_OWN, *self.states})

    # -------------------------------------------------------------------------- reading

    @property
    def source(self) -> NDArray[np.int64]:
        """The presynaptic neuron of each synapse, counted in its population: int64[synapses]."""
        return self._all.built(self.name).source + self._all.plan(self.name).source.first

    @property
    def target(self) -> NDArray[np.int64]:
        """The postsynaptic neuron of each synapse, counted in its population: int64[synapses]."""
        return self._all.built(self.name).target + self._all.plan(self.name).target.first

    @property
    def delay_ms(self) -> NDArray[np.float64]:
        """The delay of each synapse, in whole steps: float64[synapses]."""
        return self._all.built(self.name).delay_steps.astype(np.float64) * self._all.dt

    @property
    def states(self) -> dict[str, str]:
        """What can be read by name, the weight first, with the unit in which it is shown."""
        learning = self._all.plan(self.name).learning
        names = ["weight"]
        if learning is not None:
            names += [s.name for s in learning.rule.states]
        return {n: shown_unit(self._all.dimension(self.name, n))[0] for n in names}

    @property
    def _rule(self) -> str | None:
        learning = self._all.plan(self.name).learning
        return None if learning is None else learning.rule.name

    def _unknown(self, name: str) -> str:
        known = list(self.states)
        hint = suggestion(name, known) or f"there are: {', '.join(known)}"
        return f"`{self.name}` has no `{name}`; {hint}"

    def _read(self, state: str) -> NDArray[np.float64]:
        from bnsyn_dsl.assembly.learning import LearningSynapses
        from bnsyn_dsl.assembly.synapse_states import state_at

        found = self._all.built(self.name)
        if isinstance(found, LearningSynapses):
            values = state_at(found, state, self._all.step)
        else:
            values = found.weight
        return np.array(shown(values, self._all.dimension(self.name, state)))

    # -------------------------------------------------------------------------- writing

    def write(self, **states: object) -> None:
        """Set the weight or states at the synapses, now: the run continues from there.

        Args:
            states: by name, one value or an array in the order of `source` and `target`; plain
                numbers are in the unit that is shown.

        Raises:
            BnsError: there is no such state, it lies at the neurons or is computed, the shape is
                another, or a value is not finite or outside of its bounds. Nothing has changed.
        """
        from bnsyn_dsl.assembly.learning import LearningSynapses

        found = self._all.built(self.name)
        if not isinstance(found, LearningSynapses):
            message = f"`{self.name}` has no rule: its weights are fixed in the tables of the run"
            raise wrong(message, help="a projection `with` a rule can be written")
        for name in states:
            self._require_at_synapse(found, name)
        step = self._all.step
        new = {name: self._values(name, value) for name, value in states.items()}
        now = found.read(step)
        for name, values in new.items():
            new[name] = self._within_bounds(found, name, values, now, new)
        for name, values in new.items():
            found.write(step, name, values)

    def _require_at_synapse(self, found: LearningSynapses, name: str) -> None:
        if name not in self.states:
            raise wrong(self._unknown(name), code="BN463")
        if name in found.states:
            return
        what = f"`{name}` of `{self.name}`"
        known = ", ".join(found.states) or "none"
        if name == "weight":
            raise wrong(f"{what} is computed from its states", help=f"write these: {known}")
        side = {"pre": "source", "post": "target"}[found.learned.system.state(name).owner]
        message = f"{what} has one value for all synapses of a {side} neuron"
        raise wrong(f"{message} and cannot be written", help=f"at the synapses lie: {known}")

    def _values(self, name: str, value: object) -> NDArray[np.float64]:
        what = f"`{name}` of `{self.name}`"
        values = internal(value, self._all.dimension(self.name, name), what)
        if values.ndim and values.shape != (len(self),):
            message = f"{what} needs one value, or one for each of {len(self)} synapses"
            raise wrong(f"{message}, found an array of shape {values.shape}", code="BN461")
        return np.array(np.broadcast_to(values, (len(self),)), np.float64)

    def _within_bounds(
        self,
        found: LearningSynapses,
        name: str,
        values: NDArray[np.float64],
        now: Mapping[str, NDArray[np.float64]],
        new: Mapping[str, NDArray[np.float64]],
    ) -> NDArray[np.float64]:
        """Refuse what lies outside; what a unit has rounded comes to lie on its bound."""
        from bnsyn_dsl.assembly.synapse_states import bounds_at

        bounds = bounds_at(found, name, {**now, **new})
        if bounds is None:
            return values
        low, high = (np.broadcast_to(b, values.shape) for b in bounds)
        slack = _ROUNDING * np.maximum(np.abs(low), np.abs(high))
        slack = np.where(np.isfinite(slack), slack, 0.0)
        inside = (low - slack <= values) & (values <= high + slack)
        # between two arrivals an integrated value may lie outside: it stays where it is not changed
        kept = np.abs(values - now[name]) <= _ROUNDING * np.abs(now[name])
        outside = np.flatnonzero(~(inside | kept))
        if len(outside):
            at = int(outside[0])
            dimension = self._all.dimension(self.name, name)
            texts = [quantity_text(float(x[at]), dimension) for x in (values, low, high)]
            pair = f"{self.source[at]} -> {self.target[at]}"
            message = f"`{name}` of `{self.name}` would be {texts[0]} at synapse {at} ({pair})"
            hint = "nothing is clipped: `numpy.clip` does it where this is meant"
            raise wrong(f"{message}, expected {texts[1]} to {texts[2]}", code="BN443", help=hint)
        return np.where(inside, np.minimum(np.maximum(values, low), high), values)

    # ------------------------------------------------------------------------- pictures

    def histogram(
        self, bins: int = 50, state: str = "weight"
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return how many synapses lie in each bin, and the bounds of the bins in the shown unit.

        The bins divide the range from the smallest to the largest value.
        """
        counts, edges = np.histogram(self[state], bins=bins)
        return counts.astype(np.int64), edges.astype(np.float64)

    def plot_histogram(self, ax: Axes | None = None, bins: int = 50, state: str = "weight") -> Axes:
        """Draw the histogram of the weight or another state and return the axes."""
        from bnsyn_dsl.api.plotting import new_axes

        ax = new_axes(ax)
        counts, edges = self.histogram(bins, state)
        ax.stairs(counts, edges, fill=True)
        unit = self.states[state]
        ax.set_xlabel(state if unit == "1" else f"{state} ({unit})")
        ax.set_ylabel("synapses")
        return ax
