# mypy: allow-untyped-defs, allow-untyped-decorators, allow-untyped-calls
"""Operations that Python cannot spell, as Numba intrinsics.

Every definition is self-contained (what it needs of Numba is imported inside), because its text
is also copied into generated modules whose header knows `types` and `intrinsic` only. Every name
begins with `bn_`, which no name of a model may do.
"""

from numba import types
from numba.extending import intrinsic

__all__ = [
    "bn_atomic_add",
    "bn_atomic_load",
    "bn_atomic_store",
    "bn_bits",
    "bn_distinct_arrays",
    "bn_double",
    "bn_eight_bytes",
    "bn_fma",
    "bn_prefetch",
    "bn_sched_yield",
    "bn_trailing_zeros",
]


@intrinsic
def bn_fma(typing_context, x, y, z):
    """Return `x*y + z` with one rounding: the only contraction that is ever allowed."""

    def codegen(context, builder, signature, arguments):
        return builder.fma(*arguments)

    return types.float64(types.float64, types.float64, types.float64), codegen


@intrinsic
def bn_bits(typing_context, x):
    """Return the bits of a double as int64; NumPy's `view` takes far longer to compile."""

    def codegen(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], context.get_value_type(types.int64))

    return types.int64(types.float64), codegen


@intrinsic
def bn_double(typing_context, bits):
    """Return the double that has these bits: `bn_double(bn_bits(x))` is `x`."""

    def codegen(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], context.get_value_type(types.float64))

    return types.float64(types.int64), codegen


@intrinsic
def bn_eight_bytes(typing_context, array, index):
    """Return the eight bytes from `array[index]` on as int64; all must lie in the array."""

    def codegen(context, builder, signature, arguments):
        from numba.np.arrayobj import make_array

        view = make_array(signature.args[0])(context, builder, arguments[0])
        word = context.get_value_type(types.int64)
        address = builder.bitcast(builder.gep(view.data, [arguments[1]]), word.as_pointer())
        return builder.load(address, align=1)

    return types.int64(array, types.int64), codegen


@intrinsic
def bn_trailing_zeros(typing_context, word):
    """Return how many bits of an int64 other than 0 are 0 below its lowest 1."""

    def codegen(context, builder, signature, arguments):
        never_zero = context.get_constant(types.boolean, True)
        return builder.cttz(arguments[0], never_zero)

    return types.int64(types.int64), codegen


@intrinsic
def bn_distinct_arrays(typing_context):
    """Promise that the array arguments of the calling function do not overlap.

    Without it LLVM checks for overlap at run time and gives up vectorising, silently, beyond
    17 written arrays. The caller of the kernel must refuse overlapping arrays.
    """

    def codegen(context, builder, signature, arguments):
        for argument in builder.function.args:
            if argument.name.startswith("arg.") and argument.type.is_pointer:
                argument.add_attribute("noalias")
        return context.get_dummy_value()

    return types.none(), codegen


@intrinsic
def bn_prefetch(typing_context, array, index):
    """Ask for the cache line of `array[index]`; `index` may lie outside of the array."""

    def codegen(context, builder, signature, arguments):
        from numba.core import cgutils
        from numba.np.arrayobj import make_array

        view = make_array(signature.args[0])(context, builder, arguments[0])
        address = builder.bitcast(builder.gep(view.data, [arguments[1]]), cgutils.voidptr_t)
        level = cgutils.int32_t
        shape = cgutils.ir.FunctionType(
            cgutils.ir.VoidType(), [cgutils.voidptr_t, level, level, level]
        )
        prefetch = builder.module.declare_intrinsic("llvm.prefetch", [cgutils.voidptr_t], shape)
        builder.call(prefetch, [address, level(0), level(3), level(1)])  # read, keep, data
        return context.get_dummy_value()

    return types.none(array, types.int64), codegen


@intrinsic
def bn_atomic_add(typing_context, array, index, value):
    """Add to `array[index]` of a contiguous int64 array; return what was there before."""

    def codegen(context, builder, signature, arguments):
        from numba.np.arrayobj import make_array

        view = make_array(signature.args[0])(context, builder, arguments[0])
        address = builder.gep(view.data, [arguments[1]])
        return builder.atomic_rmw("add", address, arguments[2], "seq_cst")

    return types.int64(array, types.int64, types.int64), codegen


@intrinsic
def bn_atomic_load(typing_context, array, index):
    """Read `array[index]` of a contiguous int64 array, before everything that follows."""

    def codegen(context, builder, signature, arguments):
        from numba.np.arrayobj import make_array

        view = make_array(signature.args[0])(context, builder, arguments[0])
        return builder.load_atomic(builder.gep(view.data, [arguments[1]]), "acquire", 8)

    return types.int64(array, types.int64), codegen


@intrinsic
def bn_atomic_store(typing_context, array, index, value):
    """Write `array[index]` of a contiguous int64 array, after everything that came before."""

    def codegen(context, builder, signature, arguments):
        from numba.np.arrayobj import make_array

        view = make_array(signature.args[0])(context, builder, arguments[0])
        address = builder.gep(view.data, [arguments[1]])
        builder.store_atomic(arguments[2], address, "release", 8)
        return context.get_dummy_value()

    return types.none(array, types.int64, types.int64), codegen


@intrinsic
def bn_sched_yield(typing_context):
    """Let another thread run (POSIX `sched_yield`, about half a microsecond)."""

    def codegen(context, builder, signature, arguments):
        from numba.core import cgutils

        shape = cgutils.ir.FunctionType(cgutils.int32_t, [])
        function = cgutils.get_or_insert_function(builder.module, shape, "sched_yield")
        return builder.call(function, [])

    return types.int32(), codegen
