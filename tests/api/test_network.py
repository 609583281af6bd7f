"""Networks run from Python: continuing, threads, errors while running, Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import bnsyn_dsl as bns
from bnsyn_dsl.runtime.simulation import Progress

TEXT = """
network Small:
    parameters:
        drive = 500 pA
    populations:
        E : LIF[20] { I_e = drive, V_m = uniform(-70 mV, -55 mV) }
        F : LIF[5]
    projections:
        E -> F : Delta all_to_all { weight = 1 mV, delay = 1 ms }
    record:
        V_m of E[0:3] every 0.5 ms
        V_m of E[2:4] every 0.5 ms
    simulate: 50 ms, dt = 0.1 ms, seed = 7
"""

EXPLODING = """
neuron Runaway:
    parameters:
        tau = 1 ms
    state:
        x = 1
        y = 0
    equations:
        tau*dx/dt = x*x*x - y
        tau*dy/dt = x*y - y
    solve: euler
"""


def small(**values: object) -> bns.Network:
    return bns.load(TEXT, values=values)


def test_a_run_in_pieces_is_the_run_in_one_piece() -> None:
    whole = small().run()
    pieces = small()
    for duration in ("20 ms", "0.1 ms", "29.9 ms"):
        results = pieces.run(duration)
    assert results.n_steps == whole.n_steps == 500
    assert len(whole.spikes["E"]) > 0
    assert results.spikes_sha256 == whole.spikes_sha256
    assert np.array_equal(results["E"].V_m.values, whole["E"].V_m.values)


def test_threads_do_not_change_a_spike() -> None:
    one, two = small().run(threads=1), small().run(threads=2)
    assert (one.threads, two.threads) == (1, 2)
    assert one.spikes_sha256 == two.spikes_sha256


def test_reset_begins_again_with_the_same_spikes() -> None:
    net = small()
    first = net.run("30 ms")
    net.reset()
    assert net.results is None
    again = net.run("30 ms")
    assert again.n_steps == 300
    assert again.spikes_sha256 == first.spikes_sha256


def test_values_of_the_caller_replace_those_of_the_text() -> None:
    assert len(small(drive="0 pA").run().spikes["E"]) == 0
    quiet = small(**{"E.I_e": bns.quantity(0, "pA")}).run()
    assert len(quiet.spikes["E"]) == 0
    with pytest.raises(bns.BnsError, match="did you mean `drive`"):
        small(driv="1 pA").run()


def test_dt_seed_and_duration_of_the_caller_go_first() -> None:
    net = bns.load(TEXT, dt="0.25 ms", seed=8, duration="10 ms")
    results = net.run()
    assert (results.dt_ms, results.seed, results.n_steps) == (0.25, 8, 40)


def test_the_time_loop_is_compiled_before_the_run_is_timed() -> None:
    timing = small().run().timing_s
    stages = ("parse", "analyse", "generate", "compile", "build", "run")
    assert set(timing) == {*stages, "total"}
    assert timing["run"] < 0.5
    assert timing["total"] >= timing["run"] + timing["build"]


def test_a_state_that_leaves_the_numbers_says_which_neuron_and_when() -> None:
    net = bns.Network(dt="0.5 ms")
    model = bns.load_model(EXPLODING)
    net.population("calm", model, 2, x=0)
    net.population("wild", model, 3, x=np.array([0.0, 3.0, 0.0]))
    net.record("wild", "x")
    with pytest.raises(bns.NumericalError) as caught:
        net.run("1 s")
    (found,) = caught.value.diagnostics
    assert found.code == "BN490"
    assert "neuron 1 of population `wild`" in found.message
    assert " ms" in found.message
    assert found.help is not None
    assert "smaller dt" in found.help
    assert "solve: auto" in found.help
    assert net.results is caught.value.results
    assert len(net.results["wild"].x.values) > 0


def test_an_impossible_rate_stops_the_run_and_is_named() -> None:
    net = bns.Network(dt="0.1 ms")
    cells = net.population("E", "LIF", 2)
    rate = "20000 kHz if t > 5 ms else 1 kHz"
    net.connect(bns.poisson(rate), cells, "Delta", weight="0.1 mV", name="burst")
    with pytest.raises(bns.NumericalError, match="the rate of `burst` became") as caught:
        net.run("20 ms")
    assert 50 <= caught.value.results.n_steps < 200


def test_ctrl_c_keeps_what_was_recorded_and_the_run_continues() -> None:
    net = small()

    def interrupt(progress: Progress) -> None:
        if progress.done < progress.total:
            os.kill(os.getpid(), signal.SIGINT)

    results = net.run("10 s", progress=interrupt)
    assert results.interrupted
    assert 0 < results.n_steps < 100_000
    assert len(results["E"].V_m.values) == results.n_steps // 5
    done = results.n_steps
    assert not net.run("1 ms").interrupted
    assert net.run("1 ms").n_steps == done + 20


def test_the_summary_is_plain_data() -> None:
    summary = json.loads(json.dumps(small().run().summary()))
    assert summary["populations"]["E"]["size"] == 20
    assert summary["steps"] == 500
    assert len(summary["spikes_sha256"]) == 64


@pytest.mark.parametrize("threads", [0, -1, 1.5, True])
def test_an_impossible_number_of_threads_is_refused(threads: int) -> None:
    with pytest.raises(bns.BnsError, match="threads must be a whole number"):
        small().run(threads=threads)


@pytest.mark.parametrize(
    ("duration", "message"),
    [
        (100, "needs a unit"),
        ("0 ms", "positive and finite"),
        ("-1 ms", "positive and finite"),
        ("1 mV", "is in `ms`"),
        ("1 ms 2", "BN1"),
    ],
)
def test_an_impossible_duration_is_refused(duration: object, message: str) -> None:
    with pytest.raises(bns.BnsError, match=message):
        small().run(duration)


def test_other_threads_or_parts_after_the_first_run_are_refused() -> None:
    net = small()
    net.run("1 ms", threads=1)
    with pytest.raises(bns.BnsError, match="built for 1 threads"):
        net.run("1 ms", threads=2)
    with pytest.raises(bns.BnsError, match="cannot change"):
        net.record("E", "V_m")


def test_what_cannot_be_loaded_says_why(tmp_path: Path) -> None:
    with pytest.raises(bns.BnsError, match="cannot read"):
        bns.load(tmp_path / "none.bns")
    with pytest.raises(bns.BnsError, match="did you mean `Small`"):
        bns.load(TEXT, "Smal")
    with pytest.raises(bns.BnsError, match="has no network to run"):
        bns.load("function f(x) = x\n")


def test_of_several_networks_or_models_one_is_named() -> None:
    other = TEXT.replace("network Small", "network Other")
    two = f"{TEXT}\nnetwork{other.partition('network')[2]}"
    with pytest.raises(bns.BnsError, match="has several networks: `Small`, `Other`") as caught:
        bns.load(two)
    assert caught.value.diagnostics[0].code == "BN610"
    assert bns.load(two, "Other").plan.name == "Other"
    cells = "\n".join(EXPLODING.replace("neuron ", f"neuron {x}") for x in "AB")
    with pytest.raises(bns.BnsError, match=r"has several models: `A\w+`, `B\w+`") as caught:
        bns.load_model(cells)
    help_text = caught.value.diagnostics[0].help
    assert help_text is not None
    last = help_text.split('"')[1]
    assert bns.load_model(cells, last).name == last


def test_a_neuron_alone_is_a_network_of_one() -> None:
    results = bns.load(EXPLODING.replace("x = 1", "x = 0")).run("1 ms")
    assert results.sizes == {"neurons": 1}


def test_importing_the_package_loads_neither_numba_nor_the_parser() -> None:
    code = "import sys, bnsyn_dsl; print({'numba', 'lark', 'sympy', 'numpy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_every_public_name_is_there_and_others_are_not() -> None:
    assert all(hasattr(bns, name) for name in bns.__all__)
    assert dir(bns) == sorted(bns.__all__)  # tab completion shows no module of the compiler
    with pytest.raises(AttributeError, match="no attribute `nothing`"):
        bns.nothing  # noqa: B018


def test_a_run_of_too_many_steps_is_refused_before_it_begins() -> None:
    net = bns.Network(dt="0.1 ms")
    net.population("E", bns.models.LIF, 1)
    with pytest.raises(bns.BnsError, match=r"are 1e\+13 steps, at most 1e\+12 can be run"):
        net.run("1e12 ms")
    assert net.results is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"source": 3}, "loaded from a file name or text, found 3"),
        ({"network": 3}, "the name of a network must be text, found 3"),
        ({"values": [1]}, "values must be given by name"),
        ({"values": {1: "5 mV"}}, "values must be given by name"),
        ({"values": {"g": None}}, "must be a number, an array, a quantity or text, found NoneType"),
        ({"values": {"g": b"1"}}, "must be a number, an array, a quantity or text, found bytes"),
    ],
)
def test_arguments_of_load_that_are_no_such_thing(arguments: Any, message: str) -> None:
    text = "neuron A:\n    state:\n        V = 0 mV\n    equations:\n        dV/dt = -V/10 ms\n"
    with pytest.raises(bns.BnsError, match=message):
        bns.load(**{"source": text, **arguments})


def test_a_seed_of_the_caller_points_at_no_line_of_the_text() -> None:
    text = "neuron A:\n    state:\n        V = 0 mV\n    equations:\n        dV/dt = -V/10 ms\n"
    with pytest.raises(bns.BnsError, match=r"from 0 to 2\^64 - 1, found -1") as refused:
        bns.load(text, seed=-1).compile()
    assert refused.value.diagnostics[-1].span is None


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    net = bns.Network(options=bns.CompileOptions(cache=blocked / "cache"))
    net.population("E", bns.models.LIF, 1)
    with pytest.raises(bns.BnsError, match=r"BN612.*cannot write generated modules") as refused:
        net.compile()
    assert refused.value.diagnostics[0].help is not None
    assert "BNSYN_CACHE_DIR" in refused.value.diagnostics[0].help


@pytest.mark.parametrize("processes", ["two", "0", "-1", "1.5"])
def test_a_number_of_compile_processes_that_is_none(
    processes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BNSYN_COMPILE_PROCESSES", processes)
    net = bns.Network()
    net.population("E", bns.models.LIF, 1)
    with pytest.raises(
        bns.BnsError, match=rf"BN613.*PROCESSES` is `{processes}`.*\n.*help: a whole"
    ):
        net.build()


def test_a_wrong_value_is_shown_with_its_name() -> None:
    text = "neuron A:\n    input:\n        I = 0 mV\n    state:\n        V = 0 mV\n"
    text += "    equations:\n        dV/dt = (I - V)/10 ms\n"
    text += "network N:\n    populations:\n        E : A[1]\n    simulate: 1 s\n"
    with pytest.raises(bns.BnsError) as refused:
        bns.load(text, values={"E.I": "5 pA"}).compile()
    (found,) = refused.value.diagnostics
    assert found.span is not None
    assert found.span.source.text == "E.I = 5 pA"
    assert (found.span.column, found.span.end_column) == (7, 11)
