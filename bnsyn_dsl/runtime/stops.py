"""Why a run stopped: what was found, in numbers; `failures.py` says it in words."""

from __future__ import annotations

__all__ = [
    "FactorOutOfRange",
    "NotFinite",
    "RateOutOfRange",
    "RunStopped",
    "SynapseNotFinite",
    "WeightOutOfRange",
]


class RunStopped(Exception):  # noqa: N818 - it says what happened, as those below
    """A run cannot go on; what was recorded until then is kept."""


class RateOutOfRange(RunStopped):
    """The rate of a drive asks for more than 1000 spikes per step, or is not a number."""

    def __init__(self, step: int) -> None:
        self.step = step
        super().__init__(f"the rate of a drive is out of range at step {step}")


class FactorOutOfRange(RunStopped):
    """What a spike transmits is more than the scale of the sums has room for, or not a number.

    Attributes:
        sender: which short-term plasticity, `index` the neuron in its population, `step` of the
            spike, `value` the factor.
    """

    def __init__(self, sender: int, index: int, step: int, value: float) -> None:
        self.sender, self.index, self.step, self.value = sender, index, step, value
        super().__init__(f"the factor of sender {sender} is {value} at step {step}")


class NotFinite(RunStopped):
    """A state became infinite or not a number.

    Attributes:
        system: index of the coupled system, `state` name of the array, `index` of the neuron in
            the system's arrays, `step` at whose end it was found, `value` what is there.
    """

    def __init__(self, system: int, state: str, index: int, step: int, value: float) -> None:
        self.system, self.state, self.index = system, state, index
        self.step, self.value = step, value
        super().__init__(f"{state}[{index}] is {value} at step {step}")


class WeightOutOfRange(RunStopped):
    """What a plastic or gained projection transmits is more than the sums have room for.

    Attributes:
        step: at whose end it was found.
    """

    def __init__(self, step: int) -> None:
        self.step = step
        super().__init__(f"a transmitted weight is out of range at step {step}")


class SynapseNotFinite(RunStopped):
    """A state of a plasticity rule became infinite or not a number.

    Attributes:
        projection, state: names, `owner` of the state: `synapse`, `pre` or `post`.
        index: of the synapse in the order of (source, target), or of the neuron in its population.
        step: at whose end it was found, `value` what is there.
    """

    def __init__(
        self, projection: str, state: str, owner: str, index: int, step: int, value: float
    ) -> None:
        self.projection, self.state, self.owner = projection, state, owner
        self.index, self.step, self.value = index, step, value
        super().__init__(f"{state} of {projection} is {value} at step {step}")
