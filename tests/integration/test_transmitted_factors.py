"""What short-term plasticity makes of a weight must fit the scale of the sums (BN490)."""

from __future__ import annotations

import numpy as np
import pytest

import bnsyn_dsl as bns

TEXT = """neuron Sink:
    input:
        I_syn = 0 pA
    state:
        q = 0 pA
    equations:
        dq/dt = (I_syn - q)/(1 ms)

synapse Growing:
    parameters:
        gain = 2
    state:
        i = 0 pA
        u = 1
    equations:
        di/dt = -i/(5 ms)
        post.I_syn += i
    on pre:
        i += weight*u
        u = u*gain

network Net:
    parameters:
        gain = 2
    populations:
        idle   : SpikeSource[3] { times = [1 ms] }
        fast   : SpikeSource[2] { times = [[1 ms], [1 ms, 2 ms, 3 ms]] }
        sink   : Sink[2]
    projections:
        idle   -> sink : Growing { gain = 1 } all_to_all { weight = 1 pA, delay = 1 ms }
        fast -> sink : Growing { gain = gain } all_to_all { weight = 1 pA, delay = 1 ms }
    record:
        spikes of fast
        q of sink every 1 ms
    simulate: 10 ms
"""


@pytest.mark.parametrize("threads", [1, 2])
def test_a_factor_beyond_the_scale_ends_the_run_with_its_neuron(threads: int) -> None:
    net = bns.load(TEXT, values={"gain": 100})  # 1, 100, 10000: beyond 1024 at the third spike
    with pytest.raises(bns.NumericalError) as failed:
        net.run(threads=threads)
    (found,) = failed.value.diagnostics
    assert found.code == "BN490"
    assert found.message == (
        "`fast->sink:Growing` multiplied the weight by 10000 for the spike of neuron 1 of "
        "population `fast` at 3 ms, at most 1024 can be summed exactly"
    )
    assert found.span is not None
    assert (found.span.line, found.span.column) == (31, 9)
    # what was recorded before is kept
    assert np.allclose(failed.value.results["fast"].spikes.times_ms, [1, 1, 2, 3])


def test_a_factor_within_the_scale_runs() -> None:
    results = bns.load(TEXT, values={"gain": 32}).run()  # 1, 32, 1024
    assert np.all(results["sink"].q.values[-1] > 0)
