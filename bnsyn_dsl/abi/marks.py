# mypy: allow-untyped-defs, allow-untyped-decorators, allow-untyped-calls
"""Looking for marks in an array where most are 0; copied into generated modules."""

from bnsyn_dsl.abi.functions import bn_inlined
from bnsyn_dsl.abi.intrinsics import bn_eight_bytes


@bn_inlined
def bn_next_marked(marks, i, n):
    """Return the first index from i on whose mark is set, n if there is none below n.

    A word of 8 bytes is looked at together (eight marks of int8): most are 0.
    """
    together = 8 // marks.itemsize
    while i < n:
        if i % together == 0 and bn_eight_bytes(marks, i) == 0:
            i += together
        elif marks[i] != 0:
            return i
        else:
            i += 1
    return n
