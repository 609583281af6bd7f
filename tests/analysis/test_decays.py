"""What decays by itself leaves the matrix; what reads or is read stays in it."""

from __future__ import annotations

from bnsyn_dsl.analysis.integrators.decays import without_decays
from bnsyn_dsl.analysis.update import Propagator
from bnsyn_dsl.semantics.expression import constant

V, EYE, G, DRIVE = range(4)


def made(places: dict[tuple[int, int], float], entries: list[tuple[int, int]]) -> Propagator:
    return Propagator(
        name="P",
        size=3,
        columns=4,
        matrix={place: constant(value) for place, value in places.items()},
        fraction=0.5,
        entries={(i, j): f"P[{i},{j}]" for i, j in entries},
    )


def test_a_state_that_neither_reads_nor_is_read_is_a_decay() -> None:
    places = {(V, V): -0.1, (V, EYE): 2.0, (V, DRIVE): 1.0, (EYE, EYE): -0.5, (G, G): -0.3}
    entries = [(V, V), (V, EYE), (V, DRIVE), (EYE, EYE), (G, G)]
    (decay,), rest = without_decays(made(places, entries))
    assert (decay.name, decay.rate, decay.fraction) == ("P[2,2]", constant(-0.3), 0.5)
    assert rest is not None
    assert (rest.size, rest.columns) == (2, 3)
    assert rest.matrix[0, 2] == constant(1.0)  # the drive moved up
    assert rest.entries == {
        (0, 0): "P[0,0]", (0, 1): "P[0,1]", (0, 2): "P[0,3]", (1, 1): "P[1,1]"
    }  # fmt: skip


def test_nothing_is_left_of_decays_alone() -> None:
    places = {(k, k): -1.0 - k for k in range(3)}
    decays, rest = without_decays(made(places, [(k, k) for k in range(3)]))
    assert [d.name for d in decays] == ["P[0,0]", "P[1,1]", "P[2,2]"]
    assert rest is None


def test_a_state_that_stands_still_has_no_rate() -> None:
    decays, rest = without_decays(made({(V, V): -1.0, (EYE, EYE): -1.0}, [(0, 0), (1, 1), (2, 2)]))
    assert len(decays) == 2
    assert rest is not None
    assert rest.entries == {(0, 0): "P[2,2]"}
