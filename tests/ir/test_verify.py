"""The verifier passes what the compiler makes and names what is wrong with anything else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bnsyn_dsl.ir.nodes import Apply, Call, Function, Kernel, Let, Name, Number
from bnsyn_dsl.ir.passes.contract import contract
from bnsyn_dsl.ir.verify import MalformedKernelError, verified
from tests import systems

UNBOUND = Name(ident="nobody")
ONE = Number(value=1.0)


@pytest.fixture(scope="module")
def kernel() -> Kernel:
    text = systems.network_text("AdEx[3]", {"NMDA": "1 nS"}).replace(
        "spikes of A", "I_syn of A every 1 ms"
    )
    return systems.kernel_of_text(text)


def let(name: str, value: Any) -> tuple[Let]:
    return (Let(names=(name,), value=value),)


def function(**changes: Any) -> Function:
    plain = Function(name="f", arguments=("a",), captured=("dt",), body=(), results=(ONE,))
    return replace(plain, **changes)


def test_kernels_of_the_compiler_are_well_formed(kernel: Kernel) -> None:
    assert verified(kernel) is kernel
    assert verified(contract(kernel)) == kernel, "what is fused stays as it is"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"arrive": let("V_m", UNBOUND)}, "`nobody` is read but never bound"),
        ({"integrate": let("V_m", UNBOUND)}, "`nobody` is read"),
        ({"clock": let("V_m", UNBOUND)}, "`nobody` is read"),
        ({"reset": let("V_m", UNBOUND)}, "`nobody` is read"),
        ({"per_step": let("c", UNBOUND)}, "`nobody` is read"),
        ({"condition": UNBOUND}, "`nobody` is read"),
        ({"before_condition": let("x", UNBOUND)}, "`nobody` is read"),
        ({"refractory_steps": UNBOUND}, "`nobody` is read"),
        ({"accepted": UNBOUND}, "`nobody` is read"),
        ({"periods": (("tick", UNBOUND),)}, "`nobody` is read"),
        ({"observables": (("x", (), UNBOUND),)}, "`nobody` is read"),
        ({"invariants": let("c", Name(ident="V_m"))}, "`V_m` is read but never bound"),
        ({"condition": Apply(op="twist", args=(ONE,))}, "`twist` with 1 operands"),
        ({"condition": Apply(op="lt", args=(ONE,))}, "`lt` with 1 operands"),
        ({"functions": (function(arguments=("a", "a")),)}, "f has two arguments of one name"),
        ({"functions": (function(results=(UNBOUND,)),)}, "`nobody` is read"),
        ({"functions": (function(body=let("x", UNBOUND)),)}, "`nobody` is read"),
    ],
)
def test_what_is_wrong_is_named(kernel: Kernel, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(MalformedKernelError, match=message):
        verified(replace(kernel, **changes))


@pytest.mark.parametrize(
    ("call", "names", "captured", "message"),
    [
        (Call(function="g", arguments=()), ("x",), ("dt",), "unknown function g"),
        (Call(function="f", arguments=()), ("x",), ("dt",), "wrong number of arguments for f"),
        (Call(function="f", arguments=(ONE,)), ("x", "y"), ("dt",), "wrong number of results of f"),
        (Call(function="f", arguments=(UNBOUND,)), ("x",), ("dt",), "`nobody` is read"),
        (Call(function="f", arguments=(ONE,)), ("x",), ("nobody",), "`nobody` is read"),
    ],
)
def test_calls_fit_their_functions(
    kernel: Kernel, call: Call, names: tuple[str, ...], captured: tuple[str, ...], message: str
) -> None:
    made = replace(
        kernel,
        functions=(function(captured=captured),),
        integrate=(Let(names=names, value=call),),
        accepted=None,
    )
    with pytest.raises(MalformedKernelError, match=message):
        verified(made)


def test_a_name_is_bound_before_it_is_read(kernel: Kernel) -> None:
    first = Let(names=("x",), value=ONE)
    second = Let(names=("y",), value=Name(ident="x"))
    verified(replace(kernel, clock=(first, second)))
    with pytest.raises(MalformedKernelError, match="`x` is read"):
        verified(replace(kernel, clock=(second, first)))
