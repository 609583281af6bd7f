# mypy: allow-untyped-defs, allow-untyped-decorators, allow-untyped-calls
"""The matrix exponential of small systems, with one fixed sequence of operations.

SciPy's goes through BLAS, which gives other bits on other processors; closed forms lose all
digits where two time constants are nearly equal. This does neither. It is copied into generated
modules; its names begin with `bn_`.
"""

from bnsyn_dsl.abi.random_numbers import bn_compiled


@bn_compiled
def bn_expm(A, dt, n, P, M, T, Q):
    """Write exp(A*dt) into P.

    Taylor's series of degree 18 of E = exp(A*dt/2^s) - 1 with row sums of |A|*dt/2^s at most
    1/4, then s squarings E <- 2 E + E E: without the 1 slow decays keep their digits. What
    decays to less than 1/2 loses them in this form and is squared as P <- P P from there on.
    The error of every entry is below 1e-14 of it for chains of time constants, equal and
    nearly equal ones included, with dt up to ten of the shortest.

    Args:
        A: float64[n, n], the matrix; of arrays that are larger the upper left part is used.
        dt: The step, in the inverse of the unit of A.
        n: The number of rows, up to about 12.
        P: float64[n, n], written.
        M: Work array like P; T and Q likewise. None may overlap another or A.
        T: Work array.
        Q: Work array.
    """
    norm = 0.0
    for i in range(n):
        total = 0.0
        for j in range(n):
            M[i, j] = A[i, j] * dt
            total += abs(M[i, j])
        norm = total if total > norm else norm
    squarings = 0
    scale = 1.0
    while norm * scale > 0.25:
        scale *= 0.5
        squarings += 1
    for i in range(n):
        for j in range(n):
            M[i, j] *= scale
    bn_expm_taylor(M, n, T, Q)
    for i in range(n):
        for j in range(n):
            P[i, j] = T[i, j] + (1.0 if i == j else 0.0)
    for _ in range(squarings):
        bn_expm_product(T, T, n, Q)
        bn_expm_product(P, P, n, M)
        for i in range(n):
            for j in range(n):
                T[i, j] = 2.0 * T[i, j] + Q[i, j]
        bn_expm_choose(T, n, M, P)


@bn_compiled
def bn_expm_taylor(M, n, T, Q):
    """Write exp(M) - 1 into T: M (1 + M/2 (1 + M/3 (...))) up to M/18."""
    for i in range(n):
        for j in range(n):
            T[i, j] = M[i, j] / 18.0
    for k in range(17, 0, -1):
        for i in range(n):
            T[i, i] += 1.0
        bn_expm_product(M, T, n, Q)
        for i in range(n):
            for j in range(n):
                T[i, j] = Q[i, j] / k


@bn_compiled
def bn_expm_choose(T, n, M, P):
    """Set P = T + 1, but where row and column decay below 1/2, P and T + 1 to M."""
    for i in range(n):
        for j in range(n):
            one = 1.0 if i == j else 0.0
            if abs(T[i, i] + 1.0) < 0.5 and abs(T[j, j] + 1.0) < 0.5:
                T[i, j] = M[i, j] - one
                P[i, j] = M[i, j]
            else:
                P[i, j] = T[i, j] + one


@bn_compiled
def bn_expm_product(left, right, n, out):
    """Write the product of the upper left n x n parts into `out`, terms added in order."""
    for i in range(n):
        for j in range(n):
            total = 0.0
            for k in range(n):
                total += left[i, k] * right[k, j]
            out[i, j] = total
