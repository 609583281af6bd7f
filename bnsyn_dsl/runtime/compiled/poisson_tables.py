# mypy: allow-untyped-defs, allow-untyped-decorators, allow-untyped-calls
"""The table of a Poisson distribution, filled before the run."""

from numba import njit

from bnsyn_dsl.abi.random_numbers import bn_poisson_table

__all__ = ["fill_table"]


@njit(cache=True, nogil=True, error_model="numpy", no_cfunc_wrapper=True)
def fill_table(mean, guide, cdf):
    """Write guide (int32[1024]) and cdf (uint32) for `mean`; return the length, 0 if too large."""
    return bn_poisson_table(mean, guide, cdf)
