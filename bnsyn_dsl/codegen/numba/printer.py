"""Expressions and statements of the kernel language as Python text for Numba."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from bnsyn_dsl.ir.nodes import Apply, Call, Expr, Function, Let, Name, Number

__all__ = ["Printer"]

_INFIX = {
    "or": (1, "or"), "and": (2, "and"),
    "lt": (4, "<"), "le": (4, "<="), "gt": (4, ">"), "ge": (4, ">="), "eq": (4, "=="),
    "ne": (4, "!="), "add": (5, "+"), "sub": (5, "-"), "mul": (6, "*"), "div": (6, "/"),
}  # fmt: skip
_CALLS = {
    "fma": "bn_fma", "exp": "bn_exp", "expm1": "bn_expm1", "log": "bn_log", "log1p": "bn_log1p",
    "tanh": "bn_tanh", "sigmoid": "bn_sigmoid", "exprel": "bn_exprel",
    "exprel_near": "bn_exprel_near", "sin": "bn_sin",
    "cos": "bn_cos", "pow": "bn_power", "abs": "abs", "sqrt": "np.sqrt", "floor": "np.floor",
    "rint": "bn_rint", "min": "bn_minimum", "max": "bn_maximum", "clip": "bn_clip",
    "i2f": "np.float64",
}  # fmt: skip
_RANDOM = {
    "uniform": "bn_uniform",
    "normal": "bn_normal",
    "exponential": "bn_exponential",
    "poisson": "bn_poisson",
    "normal_between": "bn_normal_between",
}
_COMPARISONS = frozenset({"lt", "le", "gt", "ge", "eq", "ne"})


class Printer:
    """Prints for one kernel; `used` collects the project's functions that the text calls."""

    def __init__(self, functions: Mapping[str, Function]) -> None:
        self.functions = functions
        self.used: set[str] = set()

    def expr(self, expr: Expr, above: int = 0) -> str:
        """Return the text; `above` is the precedence of what stands around it."""
        match expr:
            case Number():
                return self._number(expr.value, above)
            case Name():
                return expr.ident
            case Apply(op="select"):
                condition, then, otherwise = expr.args
                text = (
                    f"{self.expr(then, 1)} if {self.expr(condition, 1)} else {self.expr(otherwise)}"
                )
                return f"({text})" if above else text
            case Apply(op="neg"):
                text = f"-{self.expr(expr.args[0], 7)}"
                return f"({text})" if above > 6 else text
            case Apply(op="not"):
                text = f"not {self.expr(expr.args[0], 3)}"
                return f"({text})" if above > 3 else text
            case Apply(op="and" | "or"):
                # both sides are evaluated and combined without a branch
                sign = "&" if expr.op == "and" else "|"
                left, right = (self.expr(a, 9) for a in expr.args)
                return f"({left} {sign} {right})"
            case Apply() if expr.op in _INFIX:
                level, sign = _INFIX[expr.op]
                left = self.expr(expr.args[0], level + (expr.op in _COMPARISONS))
                text = f"{left} {sign} {self.expr(expr.args[1], level + 1)}"
                return f"({text})" if level < above else text
            case Apply() if expr.op in _RANDOM:
                return self._random(expr)
            case Apply():
                return self._call(_CALLS[expr.op], expr.args)

    def _number(self, value: float | int | bool, above: int) -> str:
        if isinstance(value, float) and math.isinf(value):
            text = "np.inf" if value > 0 else "-np.inf"
        else:
            text = repr(value)
        return f"({text})" if text.startswith("-") and above > 6 else text

    def _call(self, function: str, args: Iterable[Expr]) -> str:
        if function.startswith("bn_"):
            self.used.add(function)
        return f"{function}({', '.join(self.expr(a) for a in args)})"

    def _random(self, expr: Apply) -> str:
        stream, draw, *rest = expr.args
        assert isinstance(stream, Number)
        assert isinstance(draw, Number)
        function = _RANDOM[expr.op]
        self.used.add(function)
        where = (
            f"element, step, segments[s, {int(stream.value) + 2}], {int(draw.value)}, "
            "seed_low, seed_high"
        )
        if expr.op == "poisson":
            return f"{function}({self.expr(rest[0])}, {where})"
        if expr.op == "normal_between":
            return f"{function}({', '.join(self.expr(r) for r in rest)}, {where})"
        return f"{function}({where})"

    def let(self, let: Let) -> list[str]:
        """Return the lines of one let, its comment first."""
        lines = [] if let.comment is None else [f"# {let.comment}"]
        targets = ", ".join(let.names)
        if isinstance(let.value, Call):
            function = self.functions[let.value.function]
            args = [self.expr(a) for a in let.value.arguments]
            text = f"{function.name}({', '.join([*args, *function.captured])})"
            comma = "," if len(let.names) == 1 else ""  # a call returns a tuple, also of one
            return [*lines, f"{targets}{comma} = {text}"]
        return [*lines, f"{targets} = {self.expr(let.value)}"]

    def lets(self, lets: Iterable[Let]) -> list[str]:
        """Return the lines of several lets."""
        return [line for let in lets for line in self.let(let)]
