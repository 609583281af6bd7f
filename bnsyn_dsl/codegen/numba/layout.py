"""Names of arrays and loads of values in generated Numba code.

A value of the neuron at hand has the name of the model (`V_m`); the whole array is `V_m_all` and
its part in the current block of 256 neurons `V_m_here`. If the model has such a name itself, the
generated one gets more underscores.
"""

from __future__ import annotations

from collections.abc import Iterable

from bnsyn_dsl.ir.names import names_in
from bnsyn_dsl.ir.nodes import Call, Expr, Kernel, Let

__all__ = ["Layout", "bound_names", "read_names"]


def read_names(lets: Iterable[Let], *others: Expr | None) -> set[str]:
    """Return every name that is read."""
    found: set[str] = set()
    for let in lets:
        found |= names_in(let.value)
    for other in others:
        if other is not None:
            found |= names_in(other)
    return found


def bound_names(lets: Iterable[Let]) -> set[str]:
    """Return every name that is bound."""
    return {name for let in lets for name in let.names}


class Layout:
    """Where each value of a kernel lives."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.states = tuple(c.name for c in kernel.states)
        self.varying = tuple(c.name for c in kernel.varying)
        self.gathered = tuple(c.name for c in kernel.gathered)
        self.parameters = tuple(c.name for c in kernel.parameters)
        self.derived = (
            *(name for m in kernel.propagators for _, _, name in m.results),
            *(name for let in kernel.invariants for name in let.names),
        )
        self.varied = (
            *(name for m in kernel.varied_propagators for _, _, name in m.results),
            *(name for let in kernel.varied for name in let.names),
        )
        self._names = set(self.states + self.varying + self.gathered + self.parameters)
        self._names |= set(self.derived + self.varied)

    @property
    def has_refractory(self) -> bool:
        """Whether neurons count down a refractory period."""
        return self.kernel.refractory_steps is not None

    def array(self, name: str) -> str:
        """Return the name of the whole array."""
        return self._free(f"{name}_all")

    def here(self, name: str) -> str:
        """Return the name of the block's part of an array."""
        return self._free(f"{name}_here")

    def old(self, name: str) -> str:
        """Return the name of the values at the beginning of the step."""
        return self._free(f"{name}_old")

    def before(self, name: str) -> str:
        """Return the name of one neuron's value before it moved."""
        return self._free(f"{name}_before")

    def inbox(self, receptor: str) -> str:
        """Return the name of a receptor's inbox."""
        return f"inbox_{identifier(receptor)}"

    def _free(self, name: str) -> str:
        while name in self._names:
            name += "_"
        return name

    def array_arguments(self) -> tuple[str, ...]:
        """Return the array arguments of `update`, in order."""
        names = [*map(self.array, self.varying), *map(self.array, self.states)]
        if self.has_refractory:
            names.append("refractory")
        if self.kernel.is_edge:
            names.append("above")
        names += map(self.array, self.gathered)
        names += map(self.inbox, self.kernel.receptors)
        return tuple(names)

    def update_arguments(self) -> tuple[str, ...]:
        """Return all arguments of `update`, in order."""
        return (
            "lo", "hi", "step", "dt", "seed_low", "seed_high", "segments", "par", "derived",
            "varied", *self.array_arguments(), "quanta", "spiked", "scratch", "spikes", "n",
            "first_id", "status",
        )  # fmt: skip

    def prepare_arguments(self) -> tuple[str, ...]:
        """Return all arguments of `prepare`, in order."""
        return ("segments", "dt", "par", *map(self.array, self.varying), "derived", "varied")

    def observe_arguments(self) -> tuple[str, ...]:
        """Return all arguments of the `observe_...` functions, in order."""
        arrays = (*map(self.array, self.varying), *map(self.array, self.states))
        rest = ("refractory",) if self.has_refractory else ()
        return (
            "lo", "hi", "step", "dt", "segments", "par", "derived", "varied", *arrays, *rest,
            *map(self.array, self.gathered), "chosen", "out",
        )  # fmt: skip

    def needed(self, used: set[str], names: Iterable[str]) -> list[str]:
        """Return those of `names` that are used, in order."""
        return [n for n in names if n in used]


def identifier(name: str) -> str:
    """Return a receptor's name as part of an identifier."""
    return "".join(c if c.isalnum() else "_" for c in name)


def call_captures(lets: Iterable[Let], kernel: Kernel) -> set[str]:
    """Return what the functions called by `lets` capture."""
    functions = {f.name: f for f in kernel.functions}
    return {
        name
        for let in lets
        if isinstance(let.value, Call)
        for name in functions[let.value.function].captured
    }
