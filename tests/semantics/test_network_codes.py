"""Every code of a network: a text that is refused at a marked place; the base text is accepted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bnsyn_dsl.diagnostics import Diagnostic, Severity

BASE = """neuron Cell:
    parameters:
        tau = 10 ms in [1 ms, 100 ms]
        E_L = -70 mV
    require E_L < 0 mV
    input:
        I_syn = 0 mV
        I_e   = 0 mV
    state:
        V_m = E_L
    equations:
        tau * dV_m/dt = E_L - V_m + I_syn + I_e
        depth = V_m - E_L
    spike when V_m > -50 mV: V_m = E_L

neuron Driven:
    parameters:
        gain : Hz
    input:
        rate : Hz
    state:
        x = 0
    equations:
        dx/dt = rate*gain/(1 Hz) - x/10 ms

synapse Exp:
    parameters:
        tau = 5 ms
    state:
        i = 0 mV
    equations:
        di/dt = -i/tau
        post.I_syn += i
    on pre: i += weight

synapse Jump:
    on pre: post.V_m += weight

synapse Gap:
    equations:
        post.I_syn += 0.1*(pre.V_m - post.V_m)

plasticity Rule:
    parameters:
        w_max : weight
    state:
        x = 0
    equations:
        dx/dt = -x/10 ms
    on pre:
        x += 1
        weight += 0.01*w_max*x

modulator Pool:
    state:
        n = 0
    equations:
        dn/dt = -n/10 ms

network Net:
    parameters:
        g = 5
        T = [[1, 2], [3, 4]]
        D = 1 ms
    require g > 0
    populations:
        E : Cell[80] { I_e = 1 mV*g }
        I : Cell[20]
        cells = E, I
        part = E[0:10]
        S : SpikeSource[2] { times = [1 ms, 2 ms] }
    projections:
        E -> I : Exp fixed_indegree(10) { weight = 1 mV, delay = D }
        cells -> cells : Jump pairwise_bernoulli(0.1) { weight = 1 mV*T[target, source], delay = D }
        poisson(100 Hz) -> E : Exp one_to_one { weight = 1 mV, delay = D }
    record:
        spikes of cells
        V_m of part every 1 ms
        Exp.i of I
    simulate: 100 ms, dt = 0.1 ms, seed = 3
"""

# code, what is replaced in the base text, by what
EXAMPLES = [
    ("BN203", "E -> I : Exp fixed", "S -> S : <<Exp>> fixed"),
    ("BN203", "-> E : Exp one", "-> E : <<Gap>> one"),
    ("BN205", "1 mV*g }", "1 mV*<<g[0]>> }"),
    ("BN208", "g = 5", "g = <<uniform(0, 5)>>"),
    ("BN208", "Cell[20]", "Cell[<<poisson(20)>>]"),
    ("BN208", "1 mV*g }", "<<uniform(0 mV, 1 mV)*t/(1 s)>> }"),
    ("BN214", "g = 5", "g = 5\n        <<size>> = 3"),
    ("BN214", "cells = E, I", "cells = E, I\n        <<target = E>>"),
    ("BN215", "g = 5", "g = 5\n        <<g>> = 6"),
    ("BN217", "g = 5", "<<g>> = h\n        h = g"),
    ("BN217", "part = E[0:10]", "part = E[0:10]\n        a = b\n        b = <<a>>"),
    ("BN222", "    simulate:", "    solve: euler\n    <<solve: euler>>\n    simulate:"),
    ("BN232", "neuron Driven:", "neuron <<Cell>>:"),
    ("BN233", "I : Cell[20]", "I : <<Cel>>[20]"),
    ("BN234", "I : Cell[20]", "I : <<Exp>>[20]"),
    ("BN234", "I : Cell[20]", "I : <<NetM>>[20]"),
    ("BN235", "part = E[0:10]", "part = <<F>>"),
    ("BN235", "spikes of cells", "spikes of <<cell>>"),
    ("BN236", "cells = E, I", "cells = E, I\n        <<E : Cell[3]>>"),
    ("BN236", "cells = E, I", "cells = E, I\n        two = E\n        <<doubled = two, E[1:3]>>"),
    ("BN446", "Cell[20]", "Cell[<<1e12>>]"),
    ("BN237", "{ I_e = 1 mV*g }", "{ <<I_f = 1 mV*g>> }"),
    ("BN237", "{ I_e = 1 mV*g }", "{ I_e = 1 mV*g, <<depth = 1 mV>> }"),
    ("BN237", "Exp fixed", "Exp { <<tua = 1 ms>> } fixed"),
    ("BN237", "Exp fixed", "Exp { <<i = 1 mV>> } fixed"),
    ("BN237", "{ times =", "{ <<time = 1 ms>>, times ="),
    ("BN237", "one_to_one { weight", "one_to_one { <<wait = 1>>, weight"),
    ("BN237", "Exp fixed", "Exp with Rule { <<wmax = 1 mV>> } fixed"),
    ("BN237", "1 mV*g }", "1 mV*g, <<Exp.j = 1 mV>> }"),
    ("BN238", "{ I_e = 1 mV*g }", "{ I_e = 1 mV*g, <<I_e = 1 mV>> }"),
    ("BN238", "weight = 1 mV, delay = D }\n        cells", "weight = 1 mV, delay = D, "
     "<<weight = 2 mV>> }\n        cells"),
    ("BN239", "I : Cell[20]", "I : Cell[20]\n        R : <<Driven[2] { gain = 1 Hz }>>"),
    ("BN239", "I : Cell[20]", "I : Cell[20]\n        R : <<Driven[2] { rate = 1 Hz }>>"),
    ("BN239", "{ times = [1 ms, 2 ms] }",
     "{ times = [1 ms, 2 ms] }\n        U : <<SpikeSource>>[2]"),
    ("BN239", "g = 5", "g = 5\n        <<h>> : mV"),
    ("BN240", "{ I_e = 1 mV*g }", "{ E_L = <<-1 mV*(1 + t/(1 s))>> }"),
    ("BN240", "Cell[20]", "Cell[20] { V_m = <<E.V_m>> }".replace("E.", "S1.")
     + "\n        S1 : Cell[1]"),
    ("BN240", "Exp fixed", "Exp { tau = <<uniform(1 ms, 2 ms)>> } fixed"),
    ("BN241", "I : Cell[20]", "I : Cell[20] { I_e = <<E.V_m>> }"),
    ("BN242", "fixed_indegree(10)", "<<fixed_in(10)>>"),
    ("BN243", "fixed_indegree(10)", "<<fixed_indegree()>>"),
    ("BN243", "fixed_indegree(10)", "fixed_indegree(10, <<autapse = true>>)"),
    ("BN243", "fixed_indegree(10)", "fixed_indegree(10, autapses = <<2>>)"),
    ("BN243", "fixed_indegree(10)", "<<pairwise_bernoulli(0.1, symmetric = true)>>"),
    ("BN244", "fixed_indegree(10) { weight = 1 mV, delay", "<<fixed_indegree(10)>> { delay"),
    ("BN244", "fixed_indegree(10) { weight = 1 mV, delay = D", "<<fixed_indegree(10)>> "
     "{ weight = 1 mV"),
    ("BN245", "Exp fixed", "Exp { post.I_syn = <<I_s>> } fixed"),
    ("BN245", "Exp fixed", "Exp { <<past.I_syn = I_e>> } fixed"),
    ("BN246", "poisson(100 Hz)", "<<uniform(100 Hz)>>"),
    ("BN246", "poisson(100 Hz)", "<<poisson(100 Hz, 1)>>"),
    ("BN246", "Exp one_to_one", "Exp <<all_to_all>>"),
    ("BN247", "V_m of part", "<<V_n>> of part"),
    ("BN247", "V_m of part", "<<tau>> of part"),
    ("BN247", "Exp.i of I", "<<Exp.j>> of I"),
    ("BN249", "seed = 3", "<<sed = 3>>"),
    ("BN250", "Exp.i of I", "<<Exx.i>> of I"),
    ("BN250", "1 mV*g }", "1 mV*g, <<Ex.i = 1 mV>> }"),
    ("BN251", "on pre: post.V_m += weight", "<<on pre: post.I_e += weight>>"),
    ("BN251", "post.I_syn += i", "<<post.V_m>> += i"),
    ("BN252", "times = [1 ms, 2 ms]", "times = <<1 ms>>"),
    ("BN252", "1 mV*g }", "1 mV*<<T[index, 0]>>, V_m = 1 mV*g }"),
    ("BN253", BASE[BASE.index("    populations:") : BASE.index("    simulate:")], ""),
    ("BN290", "g = 5", "g = 5\n        <<h>> = 5"),
    ("BN310", "1 mV*g }", "<<1 pA*g>> }"),
    ("BN310", "weight = 1 mV, delay = D }\n        cells", "weight = <<1 nS>>, delay = D }\n"
     "        cells"),
    ("BN310", "100 Hz", "<<100 mV>>"),
    ("BN310", "delay = D }\n        cells", "delay = <<1 mV>> }\n        cells"),
    ("BN310", "fixed_indegree(10)", "fixed_indegree(<<10 ms>>)"),
    ("BN311", "T[target, source]", "T[target, <<D>>]"),
    ("BN313", "[[1, 2], [3, 4]]", "[[1, 2], [<<3 mV>>, 4]]"),
    ("BN440", "g = 5", "g = <<0/0>>"),
    ("BN441", "[[1, 2], [3, 4]]", "[[1, 2], [3]]"),
    ("BN442", "E[0:10]", "<<E[0:81]>>"),
    ("BN442", "E[0:10]", "<<E[80]>>"),
    ("BN442", "E[0:10]", "E[0:<<2.5>>]"),
    ("BN442", "E[0:10]", "E[<<-1>>:5]"),
    ("BN443", "I : Cell[20]", "I : <<Cell[20] { tau = 1 s }>>"),
    ("BN444", "I : Cell[20]", "I : <<Cell[20] { E_L = 1 mV }>>"),
    ("BN444", "require g > 0", "require <<g > 5>>"),
    ("BN445", "times = [1 ms, 2 ms]", "<<times = [[1 ms], [2 ms], [3 ms]]>>"),
    ("BN445", "times = [1 ms, 2 ms]", "<<times = [-1 ms, 2 ms]>>"),
    ("BN446", "Cell[20]", "Cell[<<0>>]"),
    ("BN446", "Cell[20]", "Cell[<<2.5>>]"),
    ("BN447", "pairwise_bernoulli(0.1)", "<<pairwise_bernoulli(1.1)>>"),
    ("BN448", "fixed_indegree(10)", "<<fixed_indegree(1.5)>>"),
    ("BN448", "fixed_indegree(10)", "<<fixed_outdegree(-1)>>"),
    ("BN449", "fixed_indegree(10)", "<<one_to_one>>"),
    ("BN450", "fixed_indegree(10)", "<<fixed_indegree(81)>>"),
    ("BN451", "delay = D }\n        cells", "delay = <<-1 ms>> }\n        cells"),
    ("BN452", "poisson(100 Hz)", "<<poisson(-100 Hz)>>"),
    ("BN453", "every 1 ms", "every <<0.25 ms>>"),
    ("BN453", "every 1 ms", "every <<0 ms>>"),
    ("BN454", "simulate: 100 ms", "simulate: <<0 ms>>"),
    ("BN454", "dt = 0.1 ms", "dt = <<0 ms>>"),
    ("BN454", "seed = 3", "seed = <<1.5>>"),
    ("BN454", "seed = 3", "seed = <<-1>>"),
    ("BN454", "seed = 3", "seed = <<18446744073709551616>>"),
    ("BN491", "    simulate: 100 ms, dt = 0.1 ms, seed = 3\n", ""),
    ("BN492", "100 ms, dt", "<<100.04 ms>>, dt"),
    ("BN493", "delay = D }\n        cells", "delay = <<0.23 ms>> }\n        cells"),
    (
        "BN257",
        "E -> I : Exp fixed_indegree(10) { weight = 1 mV, delay = D }",
        "E -> I : Gap fixed_indegree(10) { weight = 1 mV, <<delay = D>> }",
    ),
    ("BN237", "delay = D }\n        cells", "delay = D, <<i = 1 mV>> }\n        cells"),
    ("BN548", "    state:\n        i =", "    input:\n        u = 1\n    state:\n        i ="),
    ("BN549", "V_m of part", "<<V_m + 1 mV>> of part"),
]  # fmt: skip

# where the marked place does not lie in what was replaced
ELSEWHERE = {
    ("BN441", "[[1, 2], [3, 4]]"): ("1 mV*T[target, source]", "<<1 mV*T[target, source]>>"),
    ("BN253", EXAMPLES[[e[0] for e in EXAMPLES].index("BN253")][1]): (
        "network Net",
        "network <<Net>>",
    ),
    ("BN491", "    simulate: 100 ms, dt = 0.1 ms, seed = 3\n"): ("network Net", "network <<Net>>"),
    ("BN548", "    state:\n        i ="): ("E -> I : Exp", "E -> I : <<Exp>>"),
}


@pytest.mark.parametrize(
    ("code", "old", "new"), EXAMPLES, ids=[f"{n}-{e[0]}" for n, e in enumerate(EXAMPLES)]
)
def test_each_code_has_a_place(
    code: str, old: str, new: str, check: Callable[..., Any], refuses: Callable[..., Diagnostic]
) -> None:
    assert old in BASE
    text = BASE.replace(old, new, 1)
    if (code, old) in ELSEWHERE:
        text = text.replace(*ELSEWHERE[code, old], 1)
    checked = check(text)
    findings = [d for d in checked.found if d.code == code]
    marked = [
        d
        for d in findings
        if d.span
        and (d.span.line, d.span.column, d.span.end_line, d.span.end_column) == checked.marked
    ]
    assert len(marked) == 1, checked.found
    assert marked[0].message[0] in "`abcdefghijklmnopqrstuvwxyz"
    if marked[0].severity is Severity.ERROR and code != "BN232":  # a matter of the file
        assert checked.plans["Net"] is None


@pytest.mark.parametrize(
    ("old", "new", "advice"),
    [
        ("spikes of cells", "spikes of <<nobody>>", "there are `E`, `I`, `S`, `cells` and `part`"),
        (
            "V_m of part",
            "<<rate>> of part",
            "there are `spikes`, `V_m`, `I_syn`, `I_e` and `depth`",
        ),
        ("Exp.i of I", "<<AMPA.g>> of I", "there are `Exp` and `Jump`"),
    ],
)
def test_what_there_is_is_listed(
    old: str, new: str, advice: str, refuses: Callable[..., Diagnostic]
) -> None:
    assert old in BASE
    code = "BN235" if "nobody" in new else "BN250" if "AMPA" in new else "BN247"
    assert refuses(code, BASE.replace(old, new, 1)).help == advice


def test_a_unit_of_a_library_synapse_is_reported_where_it_is_used(
    check: Callable[..., Any],
) -> None:
    text = """neuron Plain:
    input:
        I_syn = 0
    state:
        V = 0
    equations:
        dV/dt = (I_syn - V)/(10 ms)
network Net:
    populations:
        E : Plain[3]
    projections:
        E -> E : ExpCurrent all_to_all { weight = 0.1, delay = 1 ms }
    simulate: 100 ms, dt = 0.1 ms, seed = 3
"""
    found = check(text).one("BN310")
    assert found.span.source.name.endswith("current.bns")
    assert (found.label.text, found.label.span.line, found.label.span.column) == (
        "used here",
        12,
        18,
    )
    assert found.help == (
        "`ExpCurrent` and `Plain` disagree: give the neuron's port that unit,"
        " or take another synapse"
    )


def test_the_base_text_has_nothing_to_report(check: Callable[..., Any]) -> None:
    checked = check(BASE)
    assert checked.codes() == []
    assert checked.plans["Net"] is not None


def test_several_errors_are_reported_in_one_run(check: Callable[..., Any]) -> None:
    text = BASE.replace("fixed_indegree(10)", "fixed_in(10)").replace("Cell[20]", "Cell[0.5]")
    text = text.replace("every 1 ms", "every 1 mV").replace("Exp.i of I", "Exp.i of E")
    assert set(check(text).codes(warnings=False)) == {"BN446", "BN310"}
    text = text.replace("Cell[0.5]", "Cell[20]")
    assert set(check(text).codes(warnings=False)) == {"BN242", "BN310"}


def test_a_second_network_with_the_same_fault_is_refused_too(check: Callable[..., Any]) -> None:
    text = (
        BASE.replace("di/dt = -i/tau", "di/dt = -i") + "\nnetwork Other is Net:\n    solve: rk4\n"
    )
    assert check(text).plans == {"Net": None, "Other": None}


def test_a_size_that_is_too_large_is_told_the_largest(check: Callable[..., Any]) -> None:
    found = check(BASE.replace("Cell[20]", "Cell[1e12]")).found
    (large,) = [d for d in found if d.code == "BN446"]
    assert large.message == "the size of population `I` is at most 2147483647, found 1e+12"
    assert large.help is None


def test_arguments_of_a_function_have_names_of_their_own(check: Callable[..., Any]) -> None:
    found = check("function f(x, y, x) = x + y\n" + BASE).found
    assert [(d.code, d.message) for d in found] == [("BN236", "`f` has two arguments `x`")]
