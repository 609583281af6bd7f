"""Connection rules: `fixed_indegree(C_E, multapses = true)` -> `RulePlan`."""

from __future__ import annotations

from dataclasses import dataclass

from bnsyn_dsl.diagnostics import error
from bnsyn_dsl.semantics.dimension import ONE
from bnsyn_dsl.semantics.drafts import whole
from bnsyn_dsl.semantics.network_scope import NetworkScope, Place
from bnsyn_dsl.semantics.plan import Part, RulePlan
from bnsyn_dsl.semantics.scope import suggestion
from bnsyn_dsl.syntax import nodes

__all__ = ["RULES", "connection_rule"]

# rule -> what its one argument is, or None where it takes none
RULES = {
    "one_to_one": None,
    "all_to_all": None,
    "pairwise_bernoulli": "probability",
    "fixed_indegree": "count",
    "fixed_outdegree": "count",
    "fixed_total_number": "count",
}
_FLAGS = ("autapses", "multapses", "symmetric")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ends:
    source: Part
    target: Part

    @property
    def overlap(self) -> int:
        """Number of neurons that are on both sides."""
        if self.source.population != self.target.population:
            return 0
        first = max(self.source.first, self.target.first)
        return max(0, min(self.source.last, self.target.last) - first)


def connection_rule(
    call: nodes.Call, source: Part, target: Part, place: Place, scope: NetworkScope
) -> RulePlan | None:
    """Return the rule with its numbers; None after reporting."""
    if call.function not in RULES:
        message = f"there is no connection rule `{call.function}`"
        hint = suggestion(call.function, RULES) or f"rules are {', '.join(RULES)}"
        scope.log.add(error("BN242", message, call.span, help=hint))
        return None
    flags = _flags(call, place, scope)
    argument = RULES[call.function]
    if len(call.args) != (argument is not None):
        wanted = f"one argument, its {argument}" if argument else "no argument"
        message = f"`{call.function}` takes {wanted}, found {len(call.args)}"
        scope.log.add(error("BN243", message, call.span))
        return None
    value = 0.0
    if argument is not None:
        what = f"the {argument} of `{call.function}`"
        found = scope.number(call.args[0], place, ONE, what)
        if found is None:
            return None
        value = found
    if flags is None:
        return None
    ends = _Ends(source=source, target=target)
    return _plan(call, value, flags, ends, scope)


def _flags(call: nodes.Call, place: Place, scope: NetworkScope) -> dict[str, bool] | None:
    flags: dict[str, bool] = {}
    good = True
    for named in call.named:
        if named.name not in _FLAGS or named.name in flags:
            twice = " twice" if named.name in flags else ""
            message = f"`{call.function}` takes no `{named.name}`{twice}"
            hint = suggestion(named.name, _FLAGS) or f"named arguments are {', '.join(_FLAGS)}"
            scope.log.add(error("BN243", message, named.span, help=None if twice else hint))
            good = False
            continue
        value = scope.number(named.value, place, ONE, f"`{named.name}`")
        if value is None or value not in {0.0, 1.0}:
            if value is not None:
                message = f"`{named.name}` is true or false, found {value:g}"
                scope.log.add(error("BN243", message, named.value.span))
            good = False
            continue
        flags[named.name] = bool(value)
    return flags if good else None


def _plan(
    call: nodes.Call, value: float, flags: dict[str, bool], ends: _Ends, scope: NetworkScope
) -> RulePlan | None:
    kind = call.function
    problem: tuple[str, str] | None = None
    count = 0
    if RULES[kind] == "probability" and not 0 <= value <= 1:
        problem = "BN447", f"a probability is a number from 0 to 1, found {value:.12g}"
    elif RULES[kind] == "count":
        rounded = round(value) if kind == "fixed_total_number" and abs(value) < 1e18 else value
        found = whole(float(rounded), lowest=0)
        if found is None:
            problem = (
                "BN448",
                f"the count of `{kind}` must be whole and not negative, found " + (f"{value:.12g}"),
            )
        else:
            count = found
            problem = _too_many(kind, count, flags, ends)
    elif kind == "one_to_one" and ends.source.size != ends.target.size:
        problem = (
            "BN449",
            f"`one_to_one` needs equal sizes, found {ends.source.size} and {ends.target.size}",
        )
    if problem is None and flags.get("symmetric") and ends.source != ends.target:
        problem = "BN243", "`symmetric` needs the same neurons on both sides"
    if problem is not None:
        code, message = problem
        hint = "`round(...)` makes a number whole" if "must be whole" in message else None
        scope.log.add(error(code, message, call.span, help=hint))
        return None
    p = value if RULES[kind] == "probability" else 0.0
    return RulePlan(
        kind=kind,
        p=p,
        count=count,
        autapses=flags.get("autapses", False),
        multapses=flags.get("multapses", False),
        symmetric=flags.get("symmetric", False),
    )


def _too_many(kind: str, count: int, flags: dict[str, bool], ends: _Ends) -> tuple[str, str] | None:
    """Say why so many connections do not exist, where they do not."""
    lost = 0 if flags.get("autapses") else ends.overlap
    pairs = ends.source.size * ends.target.size - lost
    available = {
        "fixed_indegree": ends.source.size - (lost > 0),
        "fixed_outdegree": ends.target.size - (lost > 0),
        "fixed_total_number": pairs,
    }[kind]
    if count <= available or (available > 0 and flags.get("multapses")):
        return None
    without = [w for w in ("autapses", "multapses") if not flags.get(w)]
    reason = f" without {' and '.join(without)}" if without else ""
    return "BN450", f"`{kind}` asks for {count} connections, {available} are possible{reason}"
