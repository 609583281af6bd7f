"""What leaves the loop, what becomes a product, and what keeps the order it was written in."""

from __future__ import annotations

from bnsyn_dsl.codegen.numba import BACKEND
from bnsyn_dsl.ir.nodes import Apply, Call, Expr, Kernel, Let, Name, Number
from tests import systems

MODEL = '''
neuron R:
    """A neuron for one equation."""
    parameters:
        tau = 2 ms
        k = 3
        q = 0.5
    input:
        I = 0
    state:
        v = 0
    equations:
        dv/dt = {}
    spike when v > {}:
        v = {}
'''


def kernel(
    rhs: str, *, level: str = "1", reset: str = "0", population: str = "R[5]", solve: str = "euler"
) -> Kernel:
    head = MODEL.format(rhs, level, reset)
    return systems.kernel_of_text(
        systems.network_text(population, head=head) + f"    solve: {solve}\n"
    )


def formula(expr: Expr | Call) -> str:
    """Return an expression in prefix form."""
    match expr:
        case Number():
            return repr(expr.value)
        case Name():
            return expr.ident
        case Apply():
            return f"{expr.op}({', '.join(map(formula, expr.args))})"
        case Call():
            return f"{expr.function}({', '.join(map(formula, expr.arguments))})"


def lets(section: tuple[Let, ...]) -> dict[str, str]:
    return {", ".join(let.names): formula(let.value) for let in section}


def new(made: Kernel) -> str:
    """Return what the new value of `v` is."""
    return lets(made.integrate)["v_new"]


def test_divisions_by_constants_become_products() -> None:
    made = kernel("-v/tau")
    assert lets(made.invariants) == {"inv_tau": "div(1.0, tau)"}
    assert new(made) == "fma(dt, neg(mul(v, inv_tau)), v)"


def test_divisions_by_numbers_become_products_too() -> None:
    assert "mul(v, 0.25)" in new(kernel("1/ms*(v/4)"))
    made = kernel("1/ms*(v/0)")
    assert lets(made.invariants)["c1"] == "div(1.0, 0.0)", "not folded: as the machine divides"


def test_divisions_by_states_stay() -> None:
    assert "div(1.0, add(1.0, v))" in new(kernel("1/ms*(1/(1 + v))"))


def test_what_is_constant_is_computed_once_and_shared() -> None:
    made = kernel("1/ms*(exp(k*q)*v + exp(k*q))")
    (name,) = [n for n, value in lets(made.invariants).items() if value == "exp(mul(k, q))"]
    assert new(made).count(name) == 2
    assert "exp" not in new(made)


def test_what_differs_from_neuron_to_neuron_is_computed_once_per_neuron() -> None:
    population = "R[5] { k = uniform(1, 2) }"
    made = kernel("1/ms*(exp(k)*v + 2*k)", population=population)
    (name,) = [n for n, value in lets(made.varied).items() if value == "exp(k)"]
    assert name in new(made)
    assert "mul(2.0, k)" in new(made), "cheap operations are done again rather than read"
    assert [c.source for c in made.varying] == ["k"]


def test_what_depends_on_time_alone_is_computed_once_per_step() -> None:
    made = kernel("1/ms*(sin(t/tau) - v)")
    (name,) = [n for n, value in lets(made.per_step).items() if value.startswith("sin(")]
    assert name in new(made)


def test_a_reset_uses_the_time_of_the_spike() -> None:
    made = kernel("-v/tau", reset="sin(t/tau)")
    assert lets(made.per_step) == {}
    assert lets(made.reset) == {"v": "sin(mul(t_end, inv_tau))"}


def test_small_whole_powers_are_chains_of_products() -> None:
    assert "mul(mul(v, v), v)" in new(kernel("1/ms*v^3"))
    made = kernel("1/ms*(v + 1)^4")
    assert lets(made.integrate)["base"] == "add(v, 1.0)"
    assert "mul(mul(mul(base, base), base), base)" in new(made)


def test_other_powers() -> None:
    assert "div(1.0, mul(v, v))" in new(kernel("1/ms*v^-2"))
    assert "sqrt(v)" in new(kernel("1/ms*v^0.5"))
    assert "pow(v, 1.5)" in new(kernel("1/ms*v^1.5"))
    assert "pow(v, 9.0)" in new(kernel("1/ms*v^9"))
    assert "pow(v, k)" in new(kernel("1/ms*v^k"))
    assert "v" not in new(kernel("1/ms*v^0")).removesuffix(", v)")


def test_literals_are_folded_and_everything_else_keeps_its_order() -> None:
    assert "mul(v, 6.0)" in new(kernel("1/ms*(v*(2*3))"))
    assert "mul(mul(2.0, v), 3.0)" in new(kernel("1/ms*(2*v*3)"))
    assert "add(add(v, 0.1), 0.2)" in new(kernel("1/ms*(v + 0.1 + 0.2)"))


def test_conditions_are_numbers_only_where_numbers_are_needed() -> None:
    assert "select(lt(v, k), 1.0, v)" in new(kernel("1/ms*(1 if v < k else v)"))
    made = kernel("-v/tau", level="1 and v < 3")
    assert made.condition is not None
    assert formula(made.condition).startswith("and(gt(v, 1.0), lt(v, 3.0)")


def test_text_does_not_depend_on_what_is_not_used() -> None:
    plain = kernel("-v/tau")
    assert BACKEND.system_text(plain, "1")[0] == BACKEND.system_text(kernel("-v/tau"), "1")[0]
