"""The syntax tree: frozen nodes with spans, one class per construct of the grammar.

    File       = (Import | Function | Block)*
    Block      = kind name ("is" base)? section*          neuron, synapse, plasticity, modulator
    Network    = "network" name ("is" base)? section*
    Expr       = Number | Quantity | Name | Attribute | Index | ListValue | Unary | Binary
               | Compare | Logic | Not | Ternary | Call | Reduction

Spans take no part in equality, so that round trips and structural tests are a plain `==`.
Nothing is resolved here: `V / mV` is still a division by the name `mV`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from bnsyn_dsl.diagnostics import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Anything with a place in the source."""

    span: Span = field(compare=False, repr=False)


# ---------------------------------------------------------------------------- units


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitFactor(Node):
    """`cm^-2` in a unit: the name as written and an integer exponent."""

    name: str
    exponent: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitExpr(Node):
    """`uA/cm^2`, `Hz`, `1`, `weight`: a product of factors (a `/` negates the exponent after it).

    `1` is the empty product.
    """

    factors: tuple[UnitFactor, ...]


# ---------------------------------------------------------------------- expressions


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Node):
    """`0.04`: the text as written; its value is formed once, exactly, when units are known."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity(Node):
    """`3.57 mM`, `2 mV^2`, `1 pA ms`: a number with units directly behind it."""

    text: str
    factors: tuple[UnitFactor, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Name(Node):
    """`V_m`: a bare name (also `t`, `dt`, `pi`, `inf`, `true`, `false`, `xi`, `refractory`)."""

    ident: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute(Node):
    """`post.V_m`, `control.gain`, `target.size`, `AMPA.g`."""

    owner: str
    member: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Index(Node):
    """`P[target, source]`, `D[source]`."""

    table: str
    indices: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListValue(Node):
    """`[1.5 ms, 0.75 ms]`; nested for tables."""

    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unary(Node):
    """`-x` or `+x`."""

    op: str
    operand: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Binary(Node):
    """`+`, `-`, `*`, `/`, `^`."""

    op: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare(Node):
    """`<`, `<=`, `>`, `>=`, `==`, `!=`."""

    op: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Logic(Node):
    """`and`, `or`."""

    op: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Not(Node):
    """`not x`."""

    operand: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Ternary(Node):
    """`then if condition else otherwise`."""

    then: Expr
    condition: Expr
    otherwise: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedArg(Node):
    """`multapses = true` in a call."""

    name: str
    value: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Node):
    """`exp(x)`, `normal(0, 1)`, `fixed_indegree(100, multapses = true)`: positional, then named."""

    function: str
    args: tuple[Expr, ...] = ()
    named: tuple[NamedArg, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place(Node):
    """`cells`, `E[0:5]`, `critic[2]`: a population, projection, modulator or group, or a part.

    `first` alone is one element; `first` and `last` are a half-open slice.
    """

    name: str
    first: Expr | None = None
    last: Expr | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduction(Node):
    """`mean(tag of recurrent)`, `sum(n of critic)`: op is one of sum, mean, count, min, max."""

    op: str
    value: Expr
    place: Place


Expr: TypeAlias = (
    Number
    | Quantity
    | Name
    | Attribute
    | Index
    | ListValue
    | Unary
    | Binary
    | Compare
    | Logic
    | Not
    | Ternary
    | Call
    | Reduction
)


# ------------------------------------------------------------------------ model blocks


@dataclass(frozen=True, slots=True, kw_only=True)
class Range(Node):
    """`[low, high]` behind `in`."""

    low: Expr
    high: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration(Node):
    """`C_m = 281 pF`, `X = 0.5 in [0, 1]`, `n : Hz`; exactly one of `value` and `unit` is given.

    `name_span` is the name alone; `description` is the trailing comment without `#`.
    """

    name: str
    name_span: Span = field(compare=False, repr=False)
    value: Expr | None = None
    unit: UnitExpr | None = None
    range: Range | None = None
    description: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters(Node):
    """`parameters:` of a block or a network."""

    declarations: tuple[Declaration, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs(Node):
    """`input:`."""

    declarations: tuple[Declaration, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class States(Node):
    """`state:`."""

    declarations: tuple[Declaration, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Equation(Node):
    """`C_m * dV_m/dt = rhs` (derivative), `B = rhs` (auxiliary), `post.I += rhs` (contribution).

    `left` is the whole left side as written. `kind` is "derivative", "auxiliary" or
    "contribution". For a derivative `name` is the state (`V_m` for `dV_m/dt`) and `factor` what
    multiplies the derivative on the left (`C_m`), or None. For an auxiliary `name` is its name.
    For a contribution `owner` is `post` and `name` the port.
    """

    kind: str
    left: Expr
    name: str
    owner: str | None = None
    factor: Expr | None = None
    right: Expr
    description: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Equations(Node):
    """`equations:`."""

    equations: tuple[Equation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assign(Node):
    """`V_m = V_reset`, `w += b`, `post.V_m += weight`: op is `=`, `+=`, `-=`, `*=` or `/=`."""

    op: str
    owner: str | None = None
    name: str
    value: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class If(Node):
    """`if condition:` with an optional `else:`."""

    condition: Expr
    then: tuple[Statement, ...]
    otherwise: tuple[Statement, ...] = ()


Statement: TypeAlias = Assign | If


@dataclass(frozen=True, slots=True, kw_only=True)
class Crosses(Node):
    """`V_m crosses 0 mV`: an upward edge."""

    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Spike(Node):
    """`spike when condition:` with the reset statements."""

    condition: Expr | Crosses
    body: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refractory(Node):
    """`refractory t_ref: hold V_m`."""

    duration: Expr
    hold: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Require(Node):
    """`require C_m > 0 pF, g_L > 0 nS`."""

    conditions: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound(Node):
    """`weight in [0, w_max]` as a section of its own."""

    name: str
    range: Range


@dataclass(frozen=True, slots=True, kw_only=True)
class Handler(Node):
    """`on pre:`, `on post:`, `on spike:`, `on reward(R):`."""

    event: str
    arguments: tuple[Name, ...] = ()
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Every(Node):
    """`every 100 ms:`."""

    period: Expr
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Solve(Node):
    """`solve: euler`."""

    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Docstring(Node):
    """The text between triple quotes, without them."""

    text: str


Section: TypeAlias = (
    Docstring
    | Parameters
    | Inputs
    | States
    | Equations
    | Spike
    | Refractory
    | Require
    | Bound
    | Handler
    | Every
    | Solve
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block(Node):
    """A neuron, synapse, plasticity or modulator."""

    kind: str
    name: str
    name_span: Span = field(compare=False, repr=False)
    base: Name | None = None
    sections: tuple[Section, ...] = ()


# ---------------------------------------------------------------------------- networks


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting(Node):
    """`I_e = 500 pA`, `AMPA.g = normal(...)`, `post.V_m = V_d` in braces."""

    owner: str | None = None
    name: str
    value: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelUse(Node):
    """`AMPA { tau = 2 ms }`: a block by name with settings."""

    model: str
    settings: tuple[Setting, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Population(Node):
    """`E : LIF[3200] { ... }`."""

    name: str
    size: Expr
    use: ModelUse


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Node):
    """`cells = E, I`, `E = cells[0:800]`."""

    name: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Populations(Node):
    """`populations:`."""

    members: tuple[Population | Group, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool(Node):
    """`critic : RewardPredictionError[4] { ... } from E, I`."""

    name: str
    use: ModelUse
    size: Expr | None = None
    sources: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Modulators(Node):
    """`modulators:`."""

    pools: tuple[Pool, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share(Node):
    """`0.7*AMPA` in a mix; `factor` is None when not written."""

    use: ModelUse
    factor: Expr | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection(Node):
    """`E -> E, I as name : 0.7*AMPA + 0.3*NMDA with Rule {...} rule(args) { weight = ... }`.

    `sources` are places, or one call (`poisson(8 kHz)`).
    """

    sources: tuple[Place, ...] | Call
    targets: tuple[Place, ...]
    name: str | None = None
    mix: tuple[Share, ...]
    plasticity: ModelUse | None = None
    rule: Call
    settings: tuple[Setting, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Projections(Node):
    """`projections:`."""

    projections: tuple[Projection, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe(Node):
    """`V_m, w of E[0:5] every 0.1 ms`; a value is a Name, an Attribute or an expression."""

    values: tuple[Expr, ...]
    places: tuple[Place, ...]
    every: Expr | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record(Node):
    """`record:`."""

    probes: tuple[Probe, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulate(Node):
    """`simulate: 1 s, dt = 0.1 ms, seed = 42`."""

    duration: Expr
    settings: tuple[Setting, ...] = ()


NetworkSection: TypeAlias = (
    Docstring
    | Parameters
    | Populations
    | Modulators
    | Projections
    | Record
    | Simulate
    | Require
    | Solve
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Network(Node):
    """A network block."""

    name: str
    name_span: Span = field(compare=False, repr=False)
    base: Name | None = None
    sections: tuple[NetworkSection, ...] = ()


# -------------------------------------------------------------------------------- file


@dataclass(frozen=True, slots=True, kw_only=True)
class Import(Node):
    """`import "own.bns"`."""

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Function(Node):
    """`function Q10(T) = 3^((T - 36)/10)`."""

    name: str
    arguments: tuple[Name, ...]
    value: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment(Node):
    """A comment on a line of its own or behind code; kept for the printer."""

    text: str
    own_line: bool


TopLevel: TypeAlias = Import | Function | Block | Network


@dataclass(frozen=True, slots=True, kw_only=True)
class File(Node):
    """A whole .bns text."""

    items: tuple[TopLevel, ...]
    comments: tuple[Comment, ...] = field(default=(), compare=False, repr=False)
