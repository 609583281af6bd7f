"""The calls that write a network in Python: populations, modulators, projections, probes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING

from bnsyn_dsl.api.building.arrays import Arrays
from bnsyn_dsl.api.loading import Origin

if TYPE_CHECKING:
    from bnsyn_dsl.api.building.places import Poisson, PopulationPart, Side
    from bnsyn_dsl.api.live.modulators import Modulator, Modulators
    from bnsyn_dsl.api.live.synapses import Synapses

__all__ = ["Construction"]


class Construction(ABC):
    """What `Network` can be told before it is built."""

    _origin: Origin
    _arrays: Arrays

    def population(self, name: str, model: object, size: int, **settings: object) -> PopulationPart:
        """Add `size` neurons of a model and return them, to connect and record.

        Args:
            name: how the network speaks of them.
            model: `bns.models.AdEx`, `"AdEx"`, what `bns.load_model` returned, or a module that
                `bnsyn compile` made.
            size: number of neurons.
            settings: parameters, initial states and inputs: text (`"normal(-65 mV, 5 mV)"`), a
                number, a quantity, or an array with one value for each neuron; for an input a
                `bns.TimedArray` as well, an array in time. A state of a
                receptor has a dot in its name: `**{"AMPA.g": "5 nS"}`.

        Raises:
            BnsError: an argument cannot be what it says.
        """
        from bnsyn_dsl.api.building.populations import add_population

        self._require_open()
        return add_population(self._origin, self._arrays, name, model, size, settings)

    def modulator(
        self,
        name: str,
        model: object,
        size: int = 1,
        *,
        sources: Side | None = None,
        **settings: object,
    ) -> Modulator:
        """Add `size` pools of a modulator and return them, to record, set and send signals.

        Args:
            name: how the network speaks of them: `n="dopamine.n"`.
            model: `bns.models.Dopamine`, `"Dopamine"`, or what `bns.load_model` returned.
            size: number of pools side by side.
            sources: populations and parts whose spikes they see.
            settings: parameters, initial states and inputs: text (also a wire, `"mean(V_m of E)"`),
                a number or a quantity.

        Raises:
            BnsError: an argument cannot be what it says.
        """
        from bnsyn_dsl.api.building.learning import add_modulator

        self._require_open()
        number = add_modulator(self._origin, name, model, size, sources, settings)
        return self.modulators.pool(name, number)

    def connect(
        self,
        source: Side | Poisson,
        target: Side,
        synapse: object,
        *,
        rule: str | None = None,
        sources: object = None,
        targets: object = None,
        weight: object = None,
        delay: object = None,
        plasticity: object = None,
        states: Mapping[str, object] | None = None,
        gain: object = None,
        dendritic_delay: object = None,
        name: str | None = None,
    ) -> None:
        """Add synapses from one population, part or list of them to another.

        Args:
            source: where spikes come from; `bns.poisson("8 kHz")` for a drive.
            target: where they arrive.
            synapse: `bns.models.AMPA`, `"AMPA"`, or a mix: `"0.7*AMPA + 0.3*NMDA"`.
            rule: `"pairwise_bernoulli(0.1)"` and the other rules of the language.
            sources: instead of a rule, int[synapses], neurons of `source` counted from 0.
            targets: neurons of `target`, one for each of `sources`.
            weight: text, a number, a quantity, or an array with one value for each synapse.
            delay: likewise.
            plasticity: a rule with its values: `bns.models.PairSTDP(w_max="10 pA")`, or as in a
                file, `"PairSTDP { w_max = 10 pA }"`. Its inputs are wired there: `n="dopamine.n"`.
            states: what states of the rule are at the beginning, `{"c": "0.1 nS"}`; may be random.
            gain: what is transmitted is weight times this: a number or a wire.
            dendritic_delay: how much later the rule sees a post spike.
            name: how results and other parts of the network speak of it.

        Raises:
            BnsError: an argument cannot be what it says.
        """
        from bnsyn_dsl.api.building.projections import Connection, add_projection

        self._require_open()
        how = Connection(
            rule=rule, sources=sources, targets=targets, weight=weight, delay=delay, name=name,
            plasticity=plasticity, states=states or {}, gain=gain,
            dendritic_delay=dendritic_delay,
        )  # fmt: skip
        add_projection(self._origin, self._arrays, source, target, synapse, how)

    def record(
        self, place: Side | Modulator | Synapses, values: str, *, every: object = None
    ) -> None:
        """Record `spikes`, a state, input or receptor state (`"V_m, AMPA.g"`) of some neurons.

        Of a modulator states, inputs and auxiliary names are recorded, of a projection with a rule
        `weight` and the states of the rule.

        Args:
            place: a population, a part (`E[0:5]`) or a list of them; a modulator, a part of it, or
                the name of a modulator or projection.
            values: names, separated by commas.
            every: time between two values, by default every step.

        Raises:
            BnsError: an argument cannot be what it says.
        """
        from bnsyn_dsl.api.building.probes import add_probe

        self._require_open()
        add_probe(self._origin, place, values, every)

    @abstractmethod
    def _require_open(self) -> None:
        """Refuse a change of a network that has been built."""

    @property
    @abstractmethod
    def modulators(self) -> Modulators:
        """The modulators by name."""
