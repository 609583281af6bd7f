"""Expressions of the model to expressions of the kernel.

What is constant moves out of the loop, divisions by constants become multiplications with a
reciprocal, small whole powers become products; everything else keeps the order in which the
modeller wrote it.
"""

from __future__ import annotations

from bnsyn_dsl.analysis.system import CoupledSystem
from bnsyn_dsl.analysis.update import ACCEPTED, EASY
from bnsyn_dsl.ir import nodes as ir
from bnsyn_dsl.lowering.names import NameTable
from bnsyn_dsl.lowering.rates import Rate, is_costly, rate_of
from bnsyn_dsl.lowering.section import Section
from bnsyn_dsl.semantics.expression import Apply, Const, Expr, Random, Ref, Symbol, constant
from bnsyn_dsl.semantics.expression_text import expression_text

__all__ = ["BOOLEAN_OPS", "ExpressionLowering"]

BOOLEAN_OPS = frozenset({"lt", "le", "gt", "ge", "eq", "ne", "and", "or", "not"})
_BOOLEAN_LOCALS = frozenset({ACCEPTED, EASY})
_LARGEST_EXPANDED_POWER = 8


class ExpressionLowering:
    """Lowers expressions of one system; invariants collect in sections of their own."""

    def __init__(self, system: CoupledSystem, reserved: frozenset[str] = frozenset()) -> None:
        self.system = system
        self.names = NameTable(reserved)
        self.varying = {p.name for p in system.parameters if p.varies}
        self.definitions = {d.name: d for d in system.definitions}
        self.invariants = Section("prepare")
        self.varied = Section("prepare")
        self.per_step = Section("step")
        self.streams: list[str] = []
        self._hoisted: dict[Expr, str] = {}
        self._rates: dict[str, Rate] = {}
        for named in (system.states, system.parameters, system.definitions):
            for given in named:
                self.names.declare(given.name)
        for name in system.gathered:
            self.names.declare(name)

    # ------------------------------------------------------------------------- rates

    def rate(self, expr: Expr) -> Rate:
        """Return how often `expr` changes."""
        return rate_of(expr, self._symbol_rate)

    def _symbol_rate(self, symbol: Symbol) -> Rate:
        match symbol.kind:
            case "parameter":
                return Rate.NEURON if symbol.name in self.varying else Rate.CONSTANT
            case "dt" | "propagator":
                return Rate.NEURON if symbol.name in self._rates else Rate.CONSTANT
            case "time":
                return Rate.STEP
            case "element":
                return Rate.NEURON
            case "auxiliary":
                return self.rate(self.definitions[symbol.name].value)
            case _:
                return Rate.STATE

    def propagator_varies(self, entry: str) -> None:
        """Mark a propagator entry as one value per neuron."""
        self._rates[entry] = Rate.NEURON

    def inbox_names(self, receptor: str) -> tuple[str, str]:
        """Return the names of the number that arrived at a receptor and of its quantum."""
        return (
            self.names.identifier(f"{receptor}.arrived"),
            self.names.identifier(f"{receptor}.quantum"),
        )

    # -------------------------------------------------------------------- expressions

    def number(self, expr: Expr, section: Section) -> ir.Expr:
        """Lower to a number; a condition becomes 1 or 0."""
        lowered = self._lower(expr, section)
        if self._is_condition(expr):
            return ir.Apply(op="select", args=(lowered, ir.Number(value=1.0), ir.Number(value=0.0)))
        return lowered

    def condition(self, expr: Expr, section: Section) -> ir.Expr:
        """Lower to a condition; a number is compared with 0."""
        lowered = self._lower(expr, section)
        if self._is_condition(expr):
            return lowered
        return ir.Apply(op="ne", args=(lowered, ir.Number(value=0.0)))

    def _is_condition(self, expr: Expr) -> bool:
        match expr:
            case Apply():
                return expr.op in BOOLEAN_OPS
            case Ref():
                symbol = expr.symbol
                if symbol.kind == "auxiliary" and not self._is_bound_number(symbol):
                    return self._is_condition(self.definitions[symbol.name].value)
                return symbol.kind == "refractory" or (
                    symbol.kind == "local" and symbol.name in _BOOLEAN_LOCALS
                )
            case _:
                return False

    def _is_bound_number(self, symbol: Symbol) -> bool:
        """Auxiliary names that were bound by a let hold numbers, conditions included."""
        return symbol.name in self._bound_numbers

    _bound_numbers: frozenset[str] = frozenset()

    def _lower(self, expr: Expr, section: Section) -> ir.Expr:
        match expr:
            case Const():
                return ir.Number(value=expr.value)
            case Ref():
                return self._reference(expr, section)
            case Random():
                return self._random(expr, section)
            case Apply():
                return self._apply(expr, section)

    def _reference(self, expr: Ref, section: Section) -> ir.Expr:
        symbol = expr.symbol
        match symbol.kind:
            case "time":
                at_end = section.label not in {"arrive", "integrate", "step", "function"}
                return ir.Name(ident="t_end" if at_end else "t")
            case "dt":
                return ir.Name(ident="dt")
            case "refractory":
                return ir.Name(ident="resting")
            case "element":
                return ir.Apply(op="i2f", args=(ir.Name(ident="element"),))
            case "auxiliary":
                name = self.names.identifier(symbol.name)
                if name in section.bound:
                    return ir.Name(ident=name)
                return self._auxiliary(symbol, name, section)
            case "weight":
                arrived, quantum = self.inbox_names(symbol.name.removesuffix(".weight"))
                count = ir.Apply(op="i2f", args=(ir.Name(ident=arrived),))
                return ir.Apply(op="mul", args=(count, ir.Name(ident=quantum)))
            case _:
                return ir.Name(ident=self.names.identifier(symbol.name))

    def _auxiliary(self, symbol: Symbol, name: str, section: Section) -> ir.Expr:
        definition = self.definitions[symbol.name]
        rate = self.rate(definition.value)
        if (
            not rate & Rate.STATE
            and isinstance(definition.value, Apply)
            and self._hoists(definition.value, rate, section)
        ):
            return self._hoist(definition.value, rate, section, wish=symbol.name)
        if definition.held and rate & Rate.STATE and section.label == "function":
            return ir.Name(ident=name)  # formed before the function is called
        return self._lower(definition.value, section)

    def _apply(self, expr: Apply, section: Section) -> ir.Expr:
        folded = _folded(expr)
        if folded is not None:
            return ir.Number(value=folded)
        rate = self.rate(expr)
        if not rate & Rate.STATE and self._hoists(expr, rate, section):
            return self._hoist(expr, rate, section)
        match expr.op:
            case "div":
                return self._division(expr, section)
            case "pow":
                return self._power(expr, section)
            case "select":
                condition = self.condition(expr.args[0], section)
                then = self.number(expr.args[1], section)
                otherwise = self.number(expr.args[2], section)
                return self._made("select", (condition, then, otherwise), section)
            case "and" | "or" | "not":
                args = tuple(self.condition(a, section) for a in expr.args)
                return self._made(expr.op, args, section)
            case "round":
                return self._made("rint", (self.number(expr.args[0], section),), section)
            case _:
                args = tuple(self.number(a, section) for a in expr.args)
                return self._made(expr.op, args, section)

    def _made(self, op: str, args: tuple[ir.Expr, ...], section: Section) -> ir.Expr:
        return section.known(ir.Apply(op=op, args=args))

    # ------------------------------------------------------------------------ hoisting

    def _hoists(self, expr: Expr, rate: Rate, section: Section) -> bool:
        if section.label == "prepare" or self._is_condition(expr):
            return False
        if rate == Rate.NEURON:
            return is_costly(expr) and not _uses_element(expr)
        if rate == Rate.STEP:
            return section.label != "step" and not _at_end(section)
        return rate == Rate.CONSTANT

    def _hoist(self, expr: Expr, rate: Rate, section: Section, wish: str | None = None) -> ir.Expr:
        """Compute `expr` once: per segment, per neuron or per step; return its name."""
        if expr in self._hoisted:
            return ir.Name(ident=self._hoisted[expr])
        home = {
            Rate.CONSTANT: self.invariants,
            Rate.NEURON: self.varied,
            Rate.STEP: self.per_step,
        }[rate]
        value = self.number(expr, home)
        name = self.names.fresh(wish or _invariant_name(expr) or f"c{len(self._hoisted) + 1}")
        if wish is not None:
            name = self._rename(wish, name)
        home.let(name, value, expression_text(expr))
        self._hoisted[expr] = name
        return ir.Name(ident=name)

    def _rename(self, wish: str, fresh: str) -> str:
        """Let a hoisted auxiliary keep the identifier of its symbol."""
        own = self.names.identifier(wish)
        return own if own.rstrip("_0123456789") == fresh.rstrip("_0123456789") else fresh

    # ------------------------------------------------------------- special operations

    def _division(self, expr: Apply, section: Section) -> ir.Expr:
        numerator, divisor = expr.args
        if section.label != "prepare":
            if isinstance(divisor, Const) and divisor.value != 0.0:
                factor: ir.Expr = ir.Number(value=1.0 / divisor.value)
                return self._times(numerator, factor, section)
            if not self.rate(divisor) & Rate.STATE:
                reciprocal = Apply(op="div", args=(constant(1.0), divisor))
                rate = self.rate(divisor)
                if not (isinstance(numerator, Const) and numerator.value == 1.0) and self._hoists(
                    reciprocal, rate, section
                ):
                    return self._times(numerator, self._hoist(reciprocal, rate, section), section)
        args = (self.number(numerator, section), self.number(divisor, section))
        return self._made("div", args, section)

    def _times(self, left: Expr, right: ir.Expr, section: Section) -> ir.Expr:
        if isinstance(left, Const) and left.value == 1.0:
            return right
        if isinstance(left, Apply) and left.op == "neg":
            # -x/c is -(x*(1/c)): the sign costs nothing where a product follows
            inner = self._times(left.args[0], right, section)
            return self._made("neg", (inner,), section)
        return self._made("mul", (self.number(left, section), right), section)

    def _power(self, expr: Apply, section: Section) -> ir.Expr:
        base, exponent = expr.args
        value = _literal(exponent)
        if value is not None and value.is_integer() and abs(value) <= _LARGEST_EXPANDED_POWER:
            product = self._product(base, int(abs(value)), section)
            if value >= 0:
                return product
            return self._made("div", (ir.Number(value=1.0), product), section)
        if value == 0.5:
            return self._made("sqrt", (self.number(base, section),), section)
        args = (self.number(base, section), self.number(exponent, section))
        return self._made("pow", args, section)

    def _product(self, base: Expr, count: int, section: Section) -> ir.Expr:
        """x2 = x*x, x3 = x2*x, ...: the left binary chain."""
        if count == 0:
            return ir.Number(value=1.0)
        x = self.number(base, section)
        if count > 1 and isinstance(x, ir.Apply):
            name = self.names.fresh("base")
            section.let(name, x)
            x = ir.Name(ident=name)
        product = x
        for _ in range(count - 1):
            product = self._made("mul", (product, x), section)
        return product

    def _random(self, expr: Random, section: Section) -> ir.Expr:
        label = section.label
        if label not in self.streams:
            self.streams.append(label)
        where = (
            ir.Number(value=self.streams.index(label)),
            ir.Number(value=expr.number),
        )
        args = [self.number(a, section) for a in expr.args]
        one = ir.Apply(op="uniform", args=where)
        match expr.distribution:
            case "uniform":
                low, high = args
                width = _difference(high, low)
                return _sum(low, _scaled(width, one))
            case "normal" if len(args) == 2:
                draw = ir.Apply(op="normal", args=where)
                return _sum(args[0], _scaled(args[1], draw))
            case "normal":
                return ir.Apply(op="normal_between", args=(*where, *args))
            case "lognormal":
                draw = ir.Apply(op="normal", args=where)
                power = ir.Apply(op="exp", args=(_scaled(args[1], draw),))
                return _scaled(args[0], power)
            case "exponential":
                draw = ir.Apply(op="exponential", args=where)
                return _scaled(args[0], draw)
            case _:
                return ir.Apply(op="poisson", args=(*where, *args))


def _scaled(factor: ir.Expr, value: ir.Expr) -> ir.Expr:
    if factor == ir.Number(value=1.0):
        return value
    return ir.Apply(op="mul", args=(factor, value))


def _sum(a: ir.Expr, b: ir.Expr) -> ir.Expr:
    return b if a == ir.Number(value=0.0) else ir.Apply(op="add", args=(a, b))


def _difference(a: ir.Expr, b: ir.Expr) -> ir.Expr:
    if isinstance(a, ir.Number) and isinstance(b, ir.Number):
        return ir.Number(value=float(a.value) - float(b.value))
    return ir.Apply(op="sub", args=(a, b))


def _literal(expr: Expr) -> float | None:
    if isinstance(expr, Const):
        return expr.value
    if isinstance(expr, Apply) and expr.op == "neg" and isinstance(expr.args[0], Const):
        return -expr.args[0].value
    return None


def _folded(expr: Apply) -> float | None:
    """Return the value of + - * / on literals: exact to the last bit everywhere."""
    if not all(isinstance(a, Const) for a in expr.args):
        return None
    values = [a.value for a in expr.args if isinstance(a, Const)]
    match expr.op:
        case "add":
            return values[0] + values[1]
        case "sub":
            return values[0] - values[1]
        case "mul":
            return values[0] * values[1]
        case "div" if values[1] != 0.0:
            return values[0] / values[1]
        case "neg":
            return -values[0]
        case _:
            return None


def _invariant_name(expr: Expr) -> str | None:
    match expr:
        case Apply(op="div", args=(Const(value=1.0), Ref(symbol=symbol))):
            return f"inv_{symbol.name}"
        case Apply(op="exp"):
            return None
        case _:
            return None


def _uses_element(expr: Expr) -> bool:
    match expr:
        case Ref():
            return expr.symbol.kind == "element"
        case Apply() | Random():
            return any(_uses_element(a) for a in expr.args)
        case _:
            return False


def _at_end(section: Section) -> bool:
    """In handlers and thresholds `t` is the end of the step: not what `per_step` computes."""
    return section.label not in {"arrive", "integrate", "function"}
