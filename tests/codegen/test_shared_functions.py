"""Equal functions of several modules are one function; what differs anywhere stays apart."""

from __future__ import annotations

from types import ModuleType

from bnsyn_dsl.codegen.shared_functions import share_functions

HEAD = "from numba import njit\n"
INNER = "@njit\ndef bn_inner(x):\n    return x + bn_one\n"
OUTER = "@njit\ndef bn_outer(x):\n    return bn_inner(x)\n"


def module(name: str, text: str) -> ModuleType:
    made = ModuleType(name)
    exec(compile(HEAD + text, f"{name}.py", "exec"), vars(made))
    share_functions(made)
    return made


def test_equal_functions_are_shared_wherever_they_stand() -> None:
    first = module("first", f"bn_one = 1.5\n{INNER}{OUTER}")
    second = module("second", f"own = 3\nbn_one = 1.5\n\n\n{INNER}{OUTER}")
    assert second.bn_inner is first.bn_inner
    assert second.bn_outer is first.bn_outer
    assert second.bn_outer(1.0) == 2.5


def test_a_constant_of_a_callee_keeps_functions_apart() -> None:
    first = module("first", f"bn_one = 2.5\n{INNER}{OUTER}")
    second = module("second", f"bn_one = 3.5\n{INNER}{OUTER}")
    assert first.bn_outer(1.0) == 3.5
    assert second.bn_outer(1.0) == 4.5


def test_signed_zeros_and_options_keep_functions_apart() -> None:
    plus = module("plus", "@njit\ndef bn_zero():\n    return 0.0\n")
    minus = module("minus", "@njit\ndef bn_zero():\n    return -0.0\n")
    fast = module("fast", "@njit(fastmath=True)\ndef bn_zero():\n    return 0.0\n")
    assert len({id(m.bn_zero) for m in (plus, minus, fast)}) == 3


def test_functions_of_a_model_are_its_own() -> None:
    text = "@njit\ndef slopes(x):\n    return x\n"
    assert module("first", text).slopes is not module("second", text).slopes
