"""Tables hold exactly the synapses of the projections, on any number of threads."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from bnsyn_dsl.runtime.connectivity import (
    BuiltTables,
    DeliveryTable,
    Port,
    ProjectionRequest,
    Rule,
    build_tables,
    estimate_bytes,
    synapses,
)
from bnsyn_dsl.runtime.draws import Draw
from bnsyn_dsl.runtime.memory import NotEnoughMemory

BITS = 20
ROWS = 40


def constant(value: float) -> Draw:
    return Draw(kind="constant", a=value)


def request(rule: Rule, **changes: Any) -> ProjectionRequest:
    """Ten sources 5..14 to twelve targets at inbox 3..14, in different populations."""
    given: dict[str, Any] = {
        "name": "p",
        "source_base": 5,
        "source_size": 10,
        "target_size": 12,
        "ports": (Port(inbox_base=3, scale_bits=BITS),),
        "same_population_offset": None,
        "weight": constant(1.5),
        "delay": constant(1.0),
        "dt": 0.1,
    }
    return ProjectionRequest(rule=rule, **(given | changes))


def owned(threads: int, inbox: int = 40) -> list[list[tuple[int, int]]]:
    """Cut the inbox into pieces of 5 and deal them to the threads."""
    pieces = [(lo, min(lo + 5, inbox)) for lo in range(0, inbox, 5)]
    return [pieces[t::threads] for t in range(threads)]


def listed(table: DeliveryTable) -> list[tuple[int, int, float, int]]:
    """List (row, inbox index, encoded weight, delay steps) of a table, checking its form."""
    delays = len(table.delays)
    assert table.cell_groups.dtype == np.uint32
    assert table.targets.dtype == np.uint32
    assert len(table.cell_groups) == ROWS * delays + 1
    assert table.cell_groups[-1] == len(table.group_weight) == len(table.group_start) - 1
    assert table.group_start[-1] == len(table.targets)
    assert (np.diff(table.delays) > 0).all()
    found = []
    for cell in range(ROWS * delays):
        for g in range(int(table.cell_groups[cell]), int(table.cell_groups[cell + 1])):
            lo, hi, offset = table.group_start[g], table.group_start[g + 1], table.group_offset[g]
            assert lo < hi
            assert (np.diff(table.targets[lo:hi].astype(np.int64)) >= 0).all()
            for j in range(hi - lo):
                weight = table.group_weight[g] if offset < 0 else table.weights[offset + j]
                row, k = divmod(cell, delays)
                found.append((row, int(table.targets[lo + j]), weight.item(), int(table.delays[k])))
    return found


def expected(*requests: ProjectionRequest, seed: int) -> Counter[tuple[int, int, float, int]]:
    found: Counter[tuple[int, int, float, int]] = Counter()
    for each in requests:
        sources, targets, weights, delays = synapses(each, seed)
        steps = np.floor(delays / each.dt + 0.5).astype(int)
        for port in each.ports:
            encoded = np.rint(weights * port.share * 2.0**port.scale_bits).astype(int)
            rows, inbox = sources + each.source_base, targets + port.inbox_base
            found.update(
                zip(rows.tolist(), inbox.tolist(), encoded.tolist(), steps.tolist(), strict=True)
            )
    return found


def held(built: BuiltTables) -> Counter[tuple[int, int, float, int]]:
    return Counter(synapse for table in built.tables for synapse in listed(table))


def pairs(each: ProjectionRequest, seed: int = 1) -> Counter[tuple[int, int]]:
    sources, targets, _, _ = synapses(each, seed)
    return Counter(zip(sources.tolist(), targets.tolist(), strict=True))


RULES = st.one_of(
    st.builds(Rule, kind=st.just("all_to_all"), autapses=st.booleans()),
    st.builds(
        Rule,
        kind=st.just("pairwise_bernoulli"),
        p=st.sampled_from([0.0, 0.07, 0.5, 1.0]),
        autapses=st.booleans(),
    ),
    st.builds(
        Rule,
        kind=st.sampled_from(["fixed_indegree", "fixed_outdegree"]),
        count=st.integers(0, 8),
        autapses=st.booleans(),
        multapses=st.booleans(),
    ),
    st.builds(
        Rule,
        kind=st.just("fixed_total_number"),
        count=st.integers(0, 85),
        autapses=st.booleans(),
        multapses=st.booleans(),
    ),
)
WEIGHTS = st.sampled_from(
    [constant(1.5), constant(-2.0), Draw(kind="normal", a=1.0, b=0.2, low=0.5, high=1.5)]
)
DELAYS = st.sampled_from([constant(1.0), constant(0.0), Draw(kind="uniform", a=0.2, b=0.9)])


@st.composite
def networks(draw: st.DrawFn) -> list[ProjectionRequest]:
    found = []
    for p in range(draw(st.integers(1, 4))):
        ports = [Port(inbox_base=draw(st.sampled_from([3, 15, 27])), scale_bits=BITS)]
        if draw(st.booleans()):
            ports.append(Port(inbox_base=0, scale_bits=BITS - 3, share=0.3))
        found.append(
            request(
                draw(RULES),
                name=f"p{p}",
                source_base=draw(st.sampled_from([0, 5, 20])),
                ports=tuple(ports),
                same_population_offset=draw(st.sampled_from([None, 0, 3, -4])),
                weight=draw(WEIGHTS),
                delay=draw(DELAYS),
            )
        )
    return found


@settings(max_examples=60, deadline=None, derandomize=True)
@given(network=networks(), seed=st.integers(0, 2**64 - 1))
def test_tables_hold_the_synapses_whatever_the_number_of_threads(
    network: list[ProjectionRequest], seed: int
) -> None:
    wanted = expected(*network, seed=seed)
    for threads in (1, 2, 3):
        ranges = owned(threads)
        built = build_tables(network, ROWS, ranges, seed)
        assert held(built) == wanted
        for own, table in zip(ranges, built.tables, strict=True):
            assert all(any(lo <= t < hi for lo, hi in own) for t in table.targets)
            np.testing.assert_array_equal(table.delays, built.tables[0].delays)


def test_symmetric_bernoulli_has_both_directions_with_one_weight() -> None:
    rule = Rule(kind="pairwise_bernoulli", p=0.3, symmetric=True)
    each = request(
        rule,
        source_size=12,
        same_population_offset=0,
        weight=Draw(kind="uniform", a=0.0, b=1.0),
        delay=Draw(kind="uniform", a=0.0, b=1.0),
    )
    sources, targets, weights, delays = synapses(each, 2)
    found = dict(
        zip(zip(sources, targets, strict=True), zip(weights, delays, strict=True), strict=True)
    )
    assert 20 < len(found) < 60
    assert all(found[j, i] == value for (i, j), value in found.items())
    assert len(set(weights)) == len(weights) // 2
    assert held(build_tables([each], ROWS, owned(3), 2)) == expected(each, seed=2)


@pytest.mark.parametrize(
    "rule",
    [
        Rule(kind="pairwise_bernoulli", p=0.5),
        Rule(kind="all_to_all"),
        Rule(kind="fixed_indegree", count=17),
        Rule(kind="fixed_outdegree", count=1500, multapses=True),
        Rule(kind="fixed_total_number", count=45000, multapses=True),
    ],
    ids=lambda rule: rule.kind,
)
def test_synapses_of_many_chunks_keep_their_numbers(rule: Rule) -> None:
    draws: dict[str, Any] = {
        "weight": Draw(kind="uniform", a=0.0, b=1.0),
        "delay": Draw(kind="uniform", a=0.0, b=1.0),
    }
    each = request(rule, source_size=30, target_size=3000, **draws)
    wanted = expected(each, seed=4)
    for threads in (1, 3):
        ranges = [[(3003 * t // threads, 3003 * (t + 1) // threads)] for t in range(threads)]
        assert held(build_tables([each], ROWS, ranges, 4)) == wanted


def test_one_to_one() -> None:
    each = request(Rule(kind="one_to_one"), target_size=10)
    assert pairs(each) == Counter({(i, i): 1 for i in range(10)})
    assert held(build_tables([each], ROWS, owned(3), 2)) == expected(each, seed=2)


def test_explicit_synapses_keep_their_weights_and_delays() -> None:
    rule = Rule(
        kind="explicit",
        sources=np.array([3, 3, 0, 3, 3, 9]),
        targets=np.array([7, 2, 1, 11, 7, 0]),
    )
    each = request(
        rule,
        weight=np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
        delay=np.array([0.3, 0.3, 0.1, 0.3, 0.3, 0.0]),
    )
    wanted = [
        (5, 4, 3, 1),
        (8, 5, 2, 3),
        (8, 10, 1, 3),
        (8, 10, 5, 3),
        (8, 14, 4, 3),
        (14, 3, 6, 0),
    ]
    for threads in (1, 2):
        built = build_tables([each], ROWS, owned(threads), 2)
        found = sorted(s for table in built.tables for s in listed(table))
        assert found == [(row, t, w * 2**BITS, d) for row, t, w, d in wanted]


def test_weights_and_delays_come_from_their_own_streams_by_synapse_number() -> None:
    from bnsyn_dsl.runtime.draws import draw_array

    weight = Draw(kind="normal", a=2.0, b=0.5, low=1.0, high=3.0)
    delay = Draw(kind="uniform", a=0.5, b=1.5)
    each = request(Rule(kind="fixed_indegree", count=4), weight=weight, delay=delay)
    _, _, weights, delays = synapses(each, 6)
    np.testing.assert_array_equal(weights, draw_array(weight, 48, 6, "p.weight"))
    np.testing.assert_array_equal(delays, draw_array(delay, 48, 6, "p.delay"))


def test_equal_weights_are_stored_once_per_group() -> None:
    each = request(Rule(kind="all_to_all"))
    (table,) = build_tables([each], ROWS, owned(1), 1).tables
    assert len(table.weights) == 0
    assert len(table.group_weight) == 10
    assert set(table.group_weight.tolist()) == {round(1.5 * 2**BITS)}
    assert table.targets.nbytes == 4 * 120


def test_projections_of_one_weight_share_groups_where_their_targets_do_not_overlap() -> None:
    ports = [(Port(inbox_base=base, scale_bits=BITS),) for base in (15, 3, 3)]
    network = [
        request(Rule(kind="all_to_all"), name=f"p{p}", ports=port) for p, port in enumerate(ports)
    ]
    (table,) = build_tables(network[:2], ROWS, owned(1), 1).tables
    assert len(table.group_weight) == 10
    (table,) = build_tables(network, ROWS, owned(1), 1).tables
    assert len(table.group_weight) == 20
    assert held(build_tables(network, ROWS, owned(1), 1)) == expected(*network, seed=1)


def test_factored_tables_hold_scaled_doubles() -> None:
    port = Port(inbox_base=3, scale_bits=4, share=0.7)
    draw = Draw(kind="uniform", a=0.0, b=1.0)
    rule = Rule(kind="one_to_one")
    changes: dict[str, Any] = {"target_size": 10, "ports": (port,), "factored": True}
    each = request(rule, weight=draw, **changes)
    (table,) = build_tables([each], ROWS, owned(1), 1, encode=False).tables
    assert table.weights.dtype == np.float64
    np.testing.assert_array_equal(table.weights, synapses(each, 1)[2] * 0.7 * 16.0)
    each = request(rule, **changes)
    (table,) = build_tables([each], ROWS, owned(1), 1, encode=False).tables
    np.testing.assert_array_equal(table.group_weight, np.full(10, 1.5 * 0.7 * 16.0))


def test_weights_are_encoded_to_the_nearest_integer_half_to_even() -> None:
    rule = Rule(kind="explicit", sources=np.zeros(4, int), targets=np.arange(4))
    each = request(
        rule,
        weight=np.array([0.5, 1.5, 2.5, -0.75]),
        delay=np.zeros(4),
        ports=(Port(inbox_base=3, scale_bits=0),),
    )
    (table,) = build_tables([each], ROWS, owned(1), 1).tables
    assert table.weights.tolist() == [0, 2, 2, -1]


def test_delays_are_rounded_to_steps_and_changes_are_told() -> None:
    rule = Rule(kind="explicit", sources=np.zeros(4, int), targets=np.arange(4))
    delay = np.array([0.3, 0.25, 0.24, 0.0])
    each = request(rule, weight=np.ones(4), delay=delay)
    built = build_tables([each], ROWS, owned(1), 1)
    assert sorted(d for _, _, _, d in listed(built.tables[0])) == [0, 2, 3, 3]
    (rounding,) = built.roundings
    assert (rounding.name, rounding.synapses, rounding.changed) == ("p", 4, 2)
    assert rounding.largest_change == pytest.approx(0.05)


def test_a_constant_delay_that_is_rounded_changes_every_synapse() -> None:
    rule = Rule(kind="pairwise_bernoulli", p=0.5)
    for threads in (1, 3):
        built = build_tables([request(rule, delay=constant(0.16))], ROWS, owned(threads), 1)
        (rounding,) = built.roundings
        assert rounding.synapses == rounding.changed == held(built).total() > 0
        assert rounding.largest_change == pytest.approx(0.04)


@pytest.mark.parametrize("delay", [-0.1, float("nan"), float("inf"), 1e9])
def test_impossible_delays_are_refused_by_name(delay: float) -> None:
    values: NDArray[np.float64] = np.full(10, delay)
    each = request(Rule(kind="one_to_one"), target_size=10, name="feed", delay=values)
    with pytest.raises(ValueError, match="`feed`: a delay lies between"):
        build_tables([each], ROWS, owned(1), 1)
    each = request(Rule(kind="all_to_all"), name="feed", delay=constant(delay))
    with pytest.raises(ValueError, match="`feed"):
        build_tables([each], ROWS, owned(1), 1)


@pytest.mark.parametrize(
    ("rule", "changes", "words"),
    [
        (Rule(kind="one_to_one"), {}, "equal sizes, found 10 and 12"),
        (
            Rule(kind="one_to_one"),
            {"target_size": 10, "same_population_offset": 0},
            "autapses = true",
        ),
        (Rule(kind="pairwise_bernoulli", p=1.1), {}, "between 0 and 1, not 1.1"),
        (Rule(kind="fixed_indegree", count=11), {}, "only 10 neurons"),
        (Rule(kind="fixed_indegree", count=10), {"same_population_offset": 0}, "only 9 neurons"),
        (Rule(kind="fixed_outdegree", count=13), {}, "only 12 neurons"),
        (Rule(kind="fixed_indegree", count=-1), {}, "must not be negative"),
        (Rule(kind="fixed_total_number", count=121), {}, "only 120 pairs"),
        (Rule(kind="fixed_total_number", count=-1), {}, "must not be negative"),
        (Rule(kind="all_to_all", symmetric=True), {}, "belongs to pairwise_bernoulli"),
        (Rule(kind="pairwise_bernoulli", p=0.5, symmetric=True), {}, "one population"),
        (Rule(kind="explicit"), {}, "sources and targets"),
        (
            Rule(kind="explicit", sources=np.array([10]), targets=np.array([0])),
            {},
            "source index lies outside of 0 to 9",
        ),
        (Rule(kind="all_to_all"), {"weight": np.ones(3)}, "120 synapses need as many weights"),
        (Rule(kind="all_to_all"), {"weight": np.full(120, np.nan)}, "does not fit"),
        (Rule(kind="all_to_all"), {"weight": np.full(120, 2.0**40)}, "does not fit"),
        (Rule(kind="all_to_all"), {"source_base": 31}, "outside of the network"),
        (Rule(kind="all_to_all"), {"dt": 0.0}, "dt must be positive"),
    ],
)
def test_what_cannot_be_built_is_refused_by_name(
    rule: Rule, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        build_tables([request(rule, **changes)], ROWS, owned(2), 1)
    assert "projection `p`" in str(caught.value)


def test_every_target_needs_one_owner() -> None:
    for ranges in ([[(0, 10)]], [[(0, 10)], [(9, 40)]], [[(0, 5), (6, 40)]]):
        with pytest.raises(ValueError, match="exactly one thread"):
            build_tables([request(Rule(kind="all_to_all"))], ROWS, ranges, 1)


def test_a_network_that_cannot_fit_is_refused_before_it_is_built() -> None:
    rule = Rule(kind="fixed_indegree", count=10**6, multapses=True)
    each = request(rule, source_size=10**7, target_size=10**8)
    with pytest.raises(NotEnoughMemory, match=r"for the connectivity: 4e\+05 GB needed"):
        build_tables([each], 10**7 + 5, [[(0, 2 * 10**8)]], 1)


def test_the_estimate_is_near_what_is_built() -> None:
    for weight in (constant(1.0), Draw(kind="uniform", a=0.0, b=1.0)):
        rule = Rule(kind="pairwise_bernoulli", p=0.5)
        each = request(rule, source_base=0, source_size=ROWS, target_size=3000, weight=weight)
        built = build_tables([each], ROWS, [[(0, 4000)]], 1)
        taken = sum(table.nbytes for table in built.tables)
        assert 1.0 <= estimate_bytes([each], ROWS, 1) / taken < 1.1


def test_no_projection_gives_an_empty_table() -> None:
    built = build_tables([], ROWS, owned(2), 1)
    assert all(len(t.targets) == len(t.delays) == 0 for t in built.tables)
    assert built.roundings == []
