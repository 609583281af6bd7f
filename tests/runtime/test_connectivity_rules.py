"""Each connection rule draws what it says, from its own numbers."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bnsyn_dsl.runtime.connectivity import Port, ProjectionRequest, Rule, synapses
from bnsyn_dsl.runtime.draws import Draw

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


def constant(value: float) -> Draw:
    return Draw(kind="constant", a=value)


def request(rule: Rule, **changes: Any) -> ProjectionRequest:
    """Ten sources 5..14 to twelve targets at inbox 3..14, in different populations."""
    given: dict[str, Any] = {
        "name": "p",
        "source_base": 5,
        "source_size": 10,
        "target_size": 12,
        "ports": (Port(inbox_base=3, scale_bits=20),),
        "same_population_offset": None,
        "weight": constant(1.5),
        "delay": constant(1.0),
        "dt": 0.1,
    }
    return ProjectionRequest(rule=rule, **(given | changes))


def pairs(each: ProjectionRequest, seed: int = 1) -> Counter[tuple[int, int]]:
    sources, targets, _, _ = synapses(each, seed)
    return Counter(zip(sources.tolist(), targets.tolist(), strict=True))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(rule=RULES, own=st.sampled_from([0, 3, -4]), seed=st.integers(0, 2**64 - 1))
def test_no_autapse_and_no_multapse_unless_asked_for(rule: Rule, own: int, seed: int) -> None:
    found = pairs(request(rule, same_population_offset=own), seed)
    if not rule.autapses:
        assert not any(source == target + own for source, target in found)
    if not rule.multapses:
        assert set(found.values()) <= {1}


@pytest.mark.parametrize("multapses", [False, True])
@pytest.mark.parametrize("count", [0, 1, 4, 5, 9])
def test_degrees_are_obeyed(count: int, multapses: bool) -> None:
    rule = Rule(kind="fixed_indegree", count=count, multapses=multapses)
    sources, targets, _, _ = synapses(request(rule, same_population_offset=0), 3)
    assert np.bincount(targets, minlength=12).tolist() == [count] * 12
    rule = Rule(kind="fixed_outdegree", count=count, multapses=multapses)
    sources, targets, _, _ = synapses(request(rule, same_population_offset=0), 3)
    assert np.bincount(sources, minlength=10).tolist() == [count] * 10
    rule = Rule(kind="fixed_total_number", count=count, multapses=multapses)
    assert pairs(request(rule)).total() == count


@pytest.mark.parametrize("kind", ["fixed_indegree", "fixed_outdegree", "fixed_total_number"])
@pytest.mark.parametrize(("count", "multapses"), [(3, False), (3, True), (7, False)])
def test_partners_are_equally_likely(kind: Any, count: int, multapses: bool) -> None:
    rule = Rule(kind=kind, count=count, multapses=multapses)
    total: Counter[tuple[int, int]] = Counter()
    for seed in range(400):
        total += pairs(request(rule, source_size=9, target_size=9, same_population_offset=0), seed)
    counts = np.array([total[i, j] for i in range(9) for j in range(9) if i != j])
    choices = 72 if kind == "fixed_total_number" else 8
    assert counts.sum() == 400 * count * 72 // choices
    mean = 400 * count / choices
    spread = np.sqrt(mean * (1 - 1 / choices if multapses else 1 - count / choices))
    assert np.abs(counts - mean).max() < 4.5 * spread
    assert 0.75 < counts.std() / spread < 1.25


def test_partners_differ_between_neurons_seeds_and_names() -> None:
    rule = Rule(kind="fixed_indegree", count=5)
    sources, _, _, _ = synapses(request(rule, source_size=1000, target_size=4), 1)
    assert len(set(sources.tolist())) > 17
    assert pairs(request(rule), 1) != pairs(request(rule), 2)
    assert pairs(request(rule), 1) != pairs(request(rule, name="q"), 1)
    assert pairs(request(rule), 2**40) != pairs(request(rule), 0)


def test_bernoulli_number_has_the_moments_of_a_binomial() -> None:
    p, sizes = 0.03, (40, 50)
    rule = Rule(kind="pairwise_bernoulli", p=p)
    numbers, hits = [], np.zeros(sizes)
    for seed in range(500):
        found = pairs(request(rule, source_size=40, target_size=50), seed)
        numbers.append(found.total())
        for pair in found:
            hits[pair] += 1
    mean, variance = 2000 * p, 2000 * p * (1 - p)
    assert abs(np.mean(numbers) - mean) < 4 * np.sqrt(variance / 500)
    assert 0.75 < np.var(numbers) / variance < 1.3
    per_pair = 500 * p * (1 - p)
    assert np.abs(hits - 500 * p).max() < 6 * np.sqrt(per_pair)
    assert 0.85 < hits.var() / per_pair < 1.15


def test_bernoulli_of_a_tiny_probability() -> None:
    rule = Rule(kind="pairwise_bernoulli", p=1e-7)
    found = pairs(request(rule, source_size=20000, target_size=20000))
    assert abs(found.total() - 40) < 4 * np.sqrt(40)


def test_canonical_order() -> None:
    for kind in ("all_to_all", "pairwise_bernoulli", "fixed_outdegree"):
        rule = Rule(kind=kind, p=0.4, count=5)
        sources, targets, _, _ = synapses(request(rule), 5)
        assert (np.diff(sources * 12 + targets) > 0).all()
    _, targets, _, _ = synapses(request(Rule(kind="fixed_indegree", count=3)), 5)
    assert (np.diff(targets) >= 0).all()


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        (Rule(kind="pairwise_bernoulli", p=0.3), "01 02 10 40 42 43"),
        (Rule(kind="fixed_indegree", count=2), "10 30 01 41 42 32 43 03"),
        (Rule(kind="fixed_indegree", count=2, multapses=True), "10 30 01 41 42 32 43 03"),
        (Rule(kind="fixed_indegree", count=4), "10 20 30 40 01 21 31 41 02 12 32 42 03 13 23 43"),
        (Rule(kind="fixed_outdegree", count=2), "01 02 10 13 20 23 30 32 40 41"),
        (Rule(kind="fixed_total_number", count=5), "01 12 32 41 42"),
        (Rule(kind="fixed_total_number", count=5, multapses=True), "41 21 42 42 12"),
    ],
)
def test_synapses_are_a_format_that_never_changes(rule: Rule, found: str) -> None:
    each = request(rule, source_size=5, target_size=4, same_population_offset=0)
    sources, targets, _, _ = synapses(each, 42)
    assert " ".join(f"{i}{j}" for i, j in zip(sources, targets, strict=True)) == found


def test_synapses_of_many_chunks_are_not_mixed_up() -> None:
    rule = Rule(kind="pairwise_bernoulli", p=0.5)
    sources, targets, _, _ = synapses(request(rule, source_size=400, target_size=400), 5)
    assert len(sources) > 70000
    assert (np.diff(sources * 400 + targets) > 0).all()


def test_a_degree_larger_than_a_chunk() -> None:
    for kind in ("fixed_indegree", "fixed_outdegree"):
        rule = Rule(kind=kind, count=40000, multapses=True)
        sources, targets, _, _ = synapses(request(rule, source_size=3, target_size=3), 1)
        outer = targets if kind == "fixed_indegree" else sources
        assert np.bincount(outer).tolist() == [40000] * 3
        assert abs(np.bincount(sources + 3 * targets) - 40000 / 3).max() < 500
    rule = Rule(kind="fixed_outdegree", count=40000)
    sources, targets, _, _ = synapses(request(rule, source_size=2, target_size=50000), 1)
    assert len(set(zip(sources.tolist(), targets.tolist(), strict=True))) == 80000


def test_bernoulli_at_the_ends_is_exact() -> None:
    everything = {(i, j) for i in range(10) for j in range(12) if i != j}
    one = request(Rule(kind="pairwise_bernoulli", p=1.0), same_population_offset=0)
    assert set(pairs(one)) == everything
    none = request(Rule(kind="pairwise_bernoulli", p=0.0))
    assert not pairs(none)
