# mypy: allow-untyped-defs, allow-untyped-decorators, allow-untyped-calls
"""Looking for marks in an array where most are 0; copied into generated modules."""

from bnsyn_dsl.abi.functions import bn_inlined
from bnsyn_dsl.abi.intrinsics import bn_eight_bytes, bn_trailing_zeros


@bn_inlined
def bn_next_marked(marks, i, n):
    """Return the first index from i on whose mark is set, n if there is none below n.

    Eight bytes are looked at together (eight marks of int8), most are 0; the lowest that is not
    is the first mark, as memory is little-endian. Marks from n on may be anything.
    """
    together = 8 // marks.itemsize
    while i < n and i + together <= marks.shape[0]:
        word = bn_eight_bytes(marks, i)
        if word != 0:
            return min(i + bn_trailing_zeros(word) // (64 // together), n)
        i += together
    while i < n and marks[i] == 0:
        i += 1
    return min(i, n)
