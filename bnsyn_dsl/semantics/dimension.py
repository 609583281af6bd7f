"""Physical dimensions as exponent vectors, with unknowns that are solved linearly.

A dimension is a product of powers of the six SI base dimensions and of unknowns such as the unit
of `weight` in a synapse. Products and quotients add exponents, so that an equation between two
dimensions is one linear equation over the unknowns; `DimensionSolver` keeps them solved.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

__all__ = ["ONE", "Dimension", "DimensionSolver"]

BASES = ("m", "kg", "s", "A", "K", "mol")


@dataclass(frozen=True, slots=True)
class Dimension:
    """A product of powers: sorted pairs (base or unknown, exponent), no zero exponent."""

    factors: tuple[tuple[str, Fraction], ...] = ()

    @classmethod
    def of(cls, exponents: dict[str, Fraction]) -> Dimension:
        """Make a dimension from a mapping of bases to exponents."""
        return cls(tuple(sorted((k, Fraction(v)) for k, v in exponents.items() if v)))

    @classmethod
    def unknown(cls, name: str) -> Dimension:
        """Make an unknown; its name must not be that of a base."""
        return cls(((f"?{name}", Fraction(1)),))

    def __hash__(self) -> int:
        # the hash of a fraction is a modular inverse: too slow for what every product looks up
        return hash(tuple((b, e.numerator, e.denominator) for b, e in self.factors))

    @lru_cache(maxsize=4096)  # noqa: B019  bounded; a file has few dimensions, used thousands of times
    def __mul__(self, other: Dimension) -> Dimension:
        exponents = dict(self.factors)
        for base, exponent in other.factors:
            exponents[base] = exponents.get(base, Fraction(0)) + exponent
        return Dimension.of(exponents)

    def __truediv__(self, other: Dimension) -> Dimension:
        return self * other**-1

    @lru_cache(maxsize=4096)  # noqa: B019  as above
    def __pow__(self, exponent: int | Fraction) -> Dimension:
        return Dimension(tuple((b, e * exponent) for b, e in self.factors) if exponent else ())

    @property
    def unknowns(self) -> tuple[str, ...]:
        """The names of the unknowns in it."""
        return tuple(base for base, _ in self.factors if base.startswith("?"))

    def exponent(self, base: str) -> Fraction:
        """Return the exponent of one base, 0 where it does not occur."""
        return dict(self.factors).get(base, Fraction(0))


ONE = Dimension()


class DimensionSolver:
    """Keeps what is known about unknown dimensions."""

    def __init__(self) -> None:
        self._solved: dict[str, Dimension] = {}
        self._count = 0

    def fresh(self) -> Dimension:
        """Return a new unknown (the dimension of a literal 0)."""
        self._count += 1
        return Dimension.unknown(f"any{self._count}")

    def value(self, dimension: Dimension) -> Dimension:
        """Return the dimension with every solved unknown replaced."""
        while True:
            known = [b for b in dimension.unknowns if b in self._solved]
            if not known:
                return dimension
            for base in known:
                exponent = dimension.exponent(base)
                rest = Dimension(tuple(f for f in dimension.factors if f[0] != base))
                dimension = rest * self._solved[base] ** exponent

    def equal(self, left: Dimension, right: Dimension) -> bool:
        """Demand equality; False when it contradicts what is known.

        Unknowns of literals (fresh ones) are eliminated before named ones.
        """
        quotient = self.value(left / right)
        if not quotient.factors:
            return True
        if not quotient.unknowns:
            return False
        chosen = max(quotient.unknowns, key=lambda name: (name.startswith("?any"), name))
        exponent = quotient.exponent(chosen)
        rest = Dimension(tuple(f for f in quotient.factors if f[0] != chosen))
        self._solved[chosen] = rest ** (-1 / exponent)
        return True
