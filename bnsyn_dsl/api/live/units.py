"""Numbers between a user and a network: out in the unit that is shown, in with any unit.

A plain number is taken in the unit in which it would be shown, so that `x.weight = 2 * x.weight`
doubles it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.api.argument_syntax import value_node
from bnsyn_dsl.api.quantities import Measured, as_measured, wrong
from bnsyn_dsl.diagnostics import DiagnosticLog
from bnsyn_dsl.semantics.dimension import ONE, Dimension
from bnsyn_dsl.semantics.quantity_text import shown_unit
from bnsyn_dsl.semantics.units import in_unit

__all__ = ["given", "internal", "shown", "unlike"]


def shown(values: NDArray[np.float64], dimension: Dimension) -> NDArray[np.float64]:
    """Return internal values in the unit that is shown."""
    factor = in_unit(1.0, shown_unit(dimension)[1])
    return values * factor if factor != 1.0 else values


def given(value: object, what: str) -> Measured:
    """Return what a user gave: text such as `"2 Hz"`, a number, a quantity or an array.

    Raises:
        BnsError: it is none of these, or not finite; `what` names it.
    """
    measured = _from_text(value, what) if isinstance(value, str) else as_measured(value, what)
    bad = np.argwhere(~np.isfinite(measured.values))
    if len(bad):
        at = "" if measured.is_scalar else f" at index {', '.join(map(str, bad[0]))}"
        raise wrong(f"{what} is not finite{at}", code="BN461")
    return measured


def internal(value: object, dimension: Dimension, what: str) -> NDArray[np.float64]:
    """Return what a user gave in internal units; `what` names it.

    Raises:
        BnsError: it is no number, not finite, or in another unit.
    """
    measured = given(value, what)
    if measured.dimension is None:
        return measured.values / in_unit(1.0, shown_unit(dimension)[1])
    if measured.dimension != dimension:
        raise wrong(unlike(what, dimension, measured.dimension), code="BN462")
    return measured.values


def unlike(what: str, wanted: Dimension, found: Dimension) -> str:
    """Return the sentence for a value in another unit."""
    texts = ["a plain number" if d == ONE else f"in `{shown_unit(d)[0]}`" for d in (wanted, found)]
    return f"{what} is {texts[0]}, but this is {texts[1]}"


def _from_text(value: str, what: str) -> Measured:
    from bnsyn_dsl.abi.host_functions import HOST_FUNCTIONS
    from bnsyn_dsl.semantics.network_scope import NetworkScope, Place

    node = value_node(value, what.replace("`", ""), "Python")
    log = DiagnosticLog()
    scope = NetworkScope(HOST_FUNCTIONS, {}, log)
    place = Place(random=f"{what} is one number", where=f"in {what}")
    expr = scope.resolve(node, place)
    dimension = None if expr is None else scope.infer.expr(expr)
    number = None if expr is None else scope.settle(expr, place, what)
    log.stop_on_errors()
    assert isinstance(number, float)
    is_open = dimension is None or dimension.unknowns  # the literal 0 fits every unit
    return Measured(values=np.asarray(number), dimension=None if is_open else dimension)
