"""Every code of rules, modulators, gain and reductions, each at a marked place of one text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bnsyn_dsl.diagnostics import Diagnostic, Severity

BASE = """neuron Cell:
    parameters:
        tau = 10 ms
    input:
        I_syn = 0 mV
        I_e   = 0 mV
    state:
        V_m = 0 mV
        u = 0 mV
    equations:
        tau * dV_m/dt = -V_m + I_syn + I_e - u
        tau * du/dt = -u
    spike when V_m > 20 mV: V_m = 0 mV

synapse Exp:
    state:
        i = 0 mV
    equations:
        di/dt = -i/5 ms
        post.I_syn += i
    on pre: i += weight

plasticity Rule:
    parameters:
        eta   = 0.01 in [0, 1]
        w_min = 0*w_max
        w_max : weight
    require eta < 0.5
    input:
        n : Hz
        gate = 1
    state:
        x = 0
        c = 0*w_max
        X = 0.5 in [0, 1]
    weight in [w_min, w_max]
    equations:
        dx/dt = -x/10 ms
        dc/dt = -c/1 s
        dweight/dt = n*c
    on pre:
        x += 1
        if post.u > 1 mV: X = 1
    on post:
        c += gate*eta*w_max*x

plasticity Plain:
    parameters:
        w_max = 5
    weight in [0, w_max]
    on pre:
        weight += 0.1*w_max

modulator Counter:
    parameters:
        k = 1
    input:
        level = 0
    state:
        rate = 0
        n = 0 Hz
    equations:
        dn/dt = -n/1 s
        double = 2*rate
    every 10 ms:
        rate = k*spikes/size + level

modulator Silent:
    state:
        n = 0 Hz
    equations:
        dn/dt = -n/1 s
    on reward(R):
        n += R/1 s

network Net:
    parameters:
        w = 1 mV
        p = 0.1
    populations:
        E : Cell[80]
        I : Cell[20] { I_e = 1 mV*quiet.double }
        one : Cell[1]
        part = E[0:10]
        S : SpikeSource[2] { times = [1 ms, 2 ms] }
    modulators:
        loud   : Counter from E, I[0:5]
        quiet  : Counter { k = 2, level = mean((weight/w)^2 of rec) } from I
        critic : Silent[4]
    projections:
        E -> E as rec : Exp with Rule { n = sum(n of critic), w_max = 20*w } all_to_all {
            weight = w, delay = 1 ms, gain = loud.rate, dendritic_delay = 0.5 ms, c = w/10
        }
        E -> I as fixed : Exp pairwise_bernoulli(p) { weight = w, delay = 1 ms }
        poisson(100 Hz) -> E : Exp one_to_one { weight = w, delay = 1 ms }
    record:
        rate, double of quiet every 1 ms
        weight, c of rec every 1 ms
        n of critic[0:2]
    simulate: 100 ms, dt = 0.1 ms, seed = 3
"""
GAIN = "gain = loud.rate"
WIRE = "n = sum(n of critic)"
DRIVE = "one_to_one { weight = w"
USE = f"Rule {{ {WIRE}, w_max = 20*w }}"
FIXED = "{ weight = w, delay = 1 ms }\n        poisson"

# code, what is replaced in the base text, by what
EXAMPLES = [
    # rules
    ("BN203", "if post.u", "if post.z"),
    ("BN221", "dweight/dt = n*c\n", "dweight/dt = n*c\n        <<post.I_e>> += c\n"),
    ("BN233", USE, f"<<{USE.replace('Rule', 'Rul')}>>"),
    ("BN234", USE, f"<<{USE.replace('Rule', 'Exp')}>>"),
    ("BN237", f"{WIRE}, ", f"{WIRE}, <<eda = 0.1>>, "),
    ("BN237", f"{WIRE}, ", f"{WIRE}, <<x = 1>>, "),
    ("BN237", "c = w/10", "<<cc = w/10>>"),
    ("BN237", "c = w/10", "<<i = w/10>>"),
    ("BN237", FIXED, FIXED.replace("1 ms }", "1 ms, <<dendritic_delay = 1 ms>> }")),
    ("BN237", FIXED, FIXED.replace("1 ms }", "1 ms, <<c = w>> }")),
    ("BN237", DRIVE, "one_to_one { <<gain = 2>>, weight = w"),
    ("BN237", DRIVE, "one_to_one { <<dendritic_delay = 2 ms>>, weight = w"),
    ("BN238", f"{WIRE}, ", f"{WIRE}, <<n = 1 Hz>>, "),
    ("BN238", "c = w/10", "c = w/10, <<c = w>>"),
    ("BN239", USE, "<<Rule { w_max = 20*w }>>"),
    ("BN239", USE, f"<<Rule {{ {WIRE} }}>>"),
    ("BN240", "eta   = 0.01 in [0, 1]", "eta   = uniform(0, 0.1)"),
    ("BN240", f"{WIRE}, ", f"{WIRE}, eta = <<uniform(0, 0.1)>>, "),
    ("BN240", WIRE, "n = <<uniform(0 Hz, 1 Hz)>>"),
    ("BN240", "dendritic_delay = 0.5 ms", "dendritic_delay = <<uniform(0 ms, 1 ms)>>"),
    ("BN440", WIRE, "n = <<inf*1 Hz>>"),
    ("BN440", GAIN, "gain = <<inf>>"),
    ("BN451", "dendritic_delay = 0.5 ms", "dendritic_delay = <<1e9 s>>"),
    ("BN546", "double = 2*rate", "drate/dt = <<xi>>*sqrt(1/1 s)\n        double = 2*rate"),
    ("BN546", "dx/dt = -x/10 ms", "dx/dt = -x/10 ms + <<xi>>*sqrt(1/1 s)"),
    ("BN241", WIRE, "n = <<critic.n>>"),
    ("BN241", WIRE, "n = 1 Hz*<<E.V_m>>/w"),
    ("BN208", WIRE, "n = <<uniform(0, 1)*sum(n of critic)>>"),
    ("BN245", f"{WIRE}, ", f"{WIRE}, post.u = <<v>>, "),
    ("BN254", "E : Exp one_to_one", "E : Exp with <<Rule { n = 1 Hz, w_max = w }>> one_to_one"),
    ("BN310", USE, "<<Plain>>"),
    ("BN310", WIRE, "n = <<sum(rate of loud)>>"),
    ("BN310", "c = w/10", "c = <<0.1>>"),
    ("BN310", "w_max = 20*w }", "w_max = <<20 nS>> }"),
    ("BN443", USE, f"<<Rule {{ {WIRE}, w_max = 20*w, eta = 2 }}>>"),
    ("BN443", "weight = w, delay = 1 ms, gain", "weight = <<30*w>>, delay = 1 ms, gain"),
    ("BN443", "weight = w, delay = 1 ms, gain",
     "weight = <<uniform(0 mV, 30*w)>>, delay = 1 ms, gain"),
    ("BN443", "weight = w, delay = 1 ms, gain",
     "weight = <<normal(w, w, -w, w)>>, delay = 1 ms, gain"),
    ("BN443", "c = w/10", "c = w/10, X = <<1.5>>"),
    ("BN444", USE, f"<<Rule {{ {WIRE}, w_max = 20*w, eta = 0.7 }}>>"),
    ("BN451", "dendritic_delay = 0.5 ms", "dendritic_delay = <<-0.5 ms>>"),
    ("BN455", USE, f"<<Rule {{ {WIRE}, w_max = 20*w, w_min = 21*w }}>>"),
    ("BN493", "dendritic_delay = 0.5 ms", "dendritic_delay = <<0.53 ms>>"),
    # modulators
    ("BN202", "I_e = 1 mV*quiet.double", "I_e = 1 mV*<<quite.double>>"),
    ("BN203", "I_e = 1 mV*quiet.double", "I_e = 1 mV*<<quiet.dubble>>"),
    ("BN214", "loud   :", "<<size   : Counter from E>>\n        loud   :"),
    ("BN233", "critic : Silent[4]", "critic : <<Silence>>[4]"),
    ("BN234", "critic : Silent[4]", "critic : <<Rule>>[4]"),
    ("BN235", "from E, I[0:5]", "from E, <<J>>"),
    ("BN235", "from E, I[0:5]", "from E, <<critic>>"),
    ("BN236", "critic : Silent[4]", "critic : Silent[4]\n        <<E : Silent>>"),
    ("BN236", "from E, I[0:5]", "from E, <<part>>"),
    ("BN237", "{ k = 2,", "{ <<kk = 2>>,"),
    ("BN237", "{ k = 2,", "{ k = 2, <<double = 2>>,"),
    ("BN238", "{ k = 2,", "{ k = 2, <<k = 3>>,"),
    ("BN239", "level = 0", "level : 1"),
    ("BN240", "{ k = 2,", "{ k = <<t/(1 s)>>,"),
    ("BN240", "{ k = 2,", "{ k = <<sum(c of rec)/w>>,"),
    ("BN241", "{ k = 2, level = mean((weight/w)^2 of rec) }", "{ level = <<critic.n>>*1 s }"),
    ("BN241", "I_e = 1 mV*quiet.double", "I_e = 1 mV*<<critic.n>>*1 s"),
    ("BN250", "{ k = 2,", "{ <<Exp.i = 1 mV>>,"),
    ("BN255", "loud   : Counter from E, I[0:5]", "<<loud   : Counter>>"),
    ("BN291", "critic : Silent[4]", "<<critic : Silent[4] from E>>"),
    ("BN310", "{ k = 2,", "{ k = <<2 mV>>,"),
    ("BN442", "from E, I[0:5]", "from E, <<I[0:50]>>"),
    ("BN446", "Silent[4]", "Silent[<<2.5>>]"),
    # gain
    ("BN202", GAIN, "gain = <<laud.rate>>"),
    ("BN208", GAIN, "gain = <<uniform(0, 1)*loud.rate>>"),
    ("BN240", GAIN, "gain = <<uniform(0, 1)>>"),
    ("BN241", GAIN, "gain = <<critic.n>>*1 s"),
    ("BN310", GAIN, "gain = <<sum(n of critic)>>"),
    # reductions
    ("BN201", "mean((weight/w)^2 of rec)", "mean(<<tag>> of rec)"),
    ("BN201", WIRE, "n = sum(<<index>>*n of critic)"),
    ("BN202", "mean((weight/w)^2 of rec)", "mean((weight/w)^2 of <<recurrent>>)"),
    ("BN202", "mean((weight/w)^2 of rec)", "<<rec.weight>>/w"),
    ("BN256", "mean((weight/w)^2 of rec)", "mean(weight/w*<<sum(c of rec)>>/w of rec)"),
    ("BN208", "mean((weight/w)^2 of rec)", "mean(<<uniform(0, 1)>>*weight/w of rec)"),
    ("BN240", "p = 0.1", "p = <<mean(c of rec)>>"),
    ("BN240", "weight = w, delay = 1 ms, gain", "weight = <<mean(V_m of E)>>, delay = 1 ms, gain"),
    ("BN240", "delay = 1 ms, gain", "delay = <<max(n of critic)>>*1 ms/(1 Hz), gain"),
    ("BN240", "E : Cell[80]", "E : Cell[80] { V_m = <<mean(V_m of I)>> }"),
    ("BN256", "mean((weight/w)^2 of rec)", "mean((weight/w)^2 of <<fixed>>)"),
    ("BN256", "mean((weight/w)^2 of rec)", "mean((V_m/w)^2 of <<part>>)"),
    ("BN256", "mean((weight/w)^2 of rec)", "mean((V_m/w)^2 of <<E[0:5]>>)"),
    ("BN256", "all_to_all {", "pairwise_bernoulli(0) {"),
    ("BN310", "mean((weight/w)^2 of rec)", "<<mean(weight of rec)>>"),
    ("BN311", "mean((weight/w)^2 of rec)", "count(<<weight>> of rec)"),
    # recording
    ("BN247", "rate, double of quiet", "<<k>> of quiet"),
    ("BN247", "rate, double of quiet", "<<spikes>> of quiet"),
    ("BN247", "weight, c of rec", "<<eta>> of rec"),
    ("BN247", "weight, c of rec", "weight of <<fixed>>"),
    ("BN247", "weight, c of rec", "weight of <<rec[0:3]>>"),
    ("BN442", "critic[0:2]", "<<critic[3:5]>>"),
    ("BN453", "double of quiet every 1 ms", "double of quiet every <<1e30 ms>>"),
    ("BN453", "double of quiet every 1 ms", "double of quiet every <<0.25 ms>>"),
    ("BN549", "weight, c of rec", "<<weight + c>> of rec"),
]  # fmt: skip

# where the marked place does not lie in what was replaced
ELSEWHERE = {
    ("BN203", "if post.u"): (USE, f"<<{USE}>>"),
    ("BN239", "level = 0"): ("loud   : Counter from", "loud   : <<Counter>> from"),
    ("BN240", "eta   = 0.01 in [0, 1]"): (USE, f"<<{USE}>>"),
    ("BN256", "all_to_all {"): ("^2 of rec)", "^2 of <<rec>>)"),
}


def changed(code: str, old: str, new: str) -> str:
    """Return the base text with one example in it."""
    assert old in BASE
    text = BASE.replace(old, new, 1)
    if (code, old) in ELSEWHERE:
        text = text.replace(*ELSEWHERE[code, old], 1)
    return text


@pytest.mark.parametrize(
    ("code", "old", "new"), EXAMPLES, ids=[f"{n}-{e[0]}" for n, e in enumerate(EXAMPLES)]
)
def test_each_code_has_a_place(code: str, old: str, new: str, check: Callable[..., Any]) -> None:
    checked = check(changed(code, old, new))
    marked = [
        d
        for d in checked.found
        if d.code == code
        and d.span
        and (d.span.line, d.span.column, d.span.end_line, d.span.end_column) == checked.marked
    ]
    assert len(marked) == 1, checked.found
    assert marked[0].message[0] in "`abcdefghijklmnopqrstuvwxyz"
    assert not marked[0].message.endswith(".")
    if marked[0].severity is Severity.ERROR:
        assert checked.plans["Net"] is None


def test_the_base_text_has_nothing_to_report(check: Callable[..., Any]) -> None:
    checked = check(BASE)
    assert checked.codes() == []
    assert checked.plans["Net"] is not None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (WIRE, "n = 1 Hz"),
        (WIRE, "n = 1 Hz if t < 1 s else 0 Hz"),
        (WIRE, "n = max(n of critic)"),
        (WIRE, "n = quiet.rate*1 Hz"),
        (WIRE, "n = one.V_m/w*1 Hz"),
        (GAIN, "gain = 2"),
        (GAIN, "gain = 1/(1 + count(X > 0.5 of rec)/100)"),
        (GAIN, "gain = mean(V_m/w of E)"),
        ("weight = w, delay = 1 ms, gain", "weight = uniform(0 mV, 20*w), delay = 1 ms, gain"),
        ("weight = w, delay = 1 ms, gain", "weight = normal(w, w), delay = 1 ms, gain"),
        ("c = w/10", "c = w/10, X = uniform(0, 1)"),
        ("{ k = 2,", "{ k = uniform(0, 1), rate = index,"),
        ("I_e = 1 mV*quiet.double", "I_e = mean(weight of rec) - min(u of E)"),
        ("critic : Silent[4]", "critic : Silent[2*2]"),
        ("weight, c of rec every 1 ms", "weight of rec"),
        (f"{WIRE}, ", f"{WIRE}, post.u = V_m, "),
    ],
)
def test_what_is_meant_is_accepted(old: str, new: str, check: Callable[..., Any]) -> None:
    assert old in BASE
    checked = check(BASE.replace(old, new, 1))
    assert checked.codes() == []
    assert checked.plans["Net"] is not None


def finding(code: str, old: str, new: str, check: Callable[..., Any]) -> Diagnostic:
    """Return the only finding of a code in the base text with a part replaced."""
    found: Diagnostic = check(changed(code, old, new)).one(code)
    return found


def test_messages_say_what_was_found_and_what_helps(check: Callable[..., Any]) -> None:
    units = finding("BN310", USE, "Plain", check)
    assert units.message == (
        "`Plain` changes a weight in a plain number, but that of `Exp` is in `mV`"
    )
    many = finding("BN241", WIRE, "n = critic.n", check)
    assert many.message == "`critic.n` has 4 elements, but one value is needed"
    assert many.help is not None
    assert "`mean(n of critic)`" in many.help
    factor = finding("BN239", f"{WIRE}, ", "", check)
    assert factor.message == (
        "the third factor `n` of `Rule` on `rec` has no default and must be wired"
    )
    weight = finding("BN443", "weight = w, delay = 1 ms, gain", "weight = 30*w, delay = 1 ms, gain",
                     check)  # fmt: skip
    assert weight.message == "`weight` of `Rule` on `rec` is 30 mV, expected 0 mV to 20 mV"
    bounds = finding("BN455", "w_max = 20*w }", "w_max = 20*w, w_min = 21*w }", check)
    assert bounds.message == (
        "the bounds of `weight` in `Rule` on `rec` are reversed: 21 mV to 20 mV"
    )
    none = finding("BN440", "weight in [w_min, w_max]", "weight in [w_min, w_max*(0/0)]", check)
    assert none.message == (
        "one of the bounds of `weight` in `Rule` on `rec` is not a number (0/0 or the like)"
    )
    member = finding("BN201", "mean((weight/w)^2 of rec)", "mean(wait/w of rec)", check)
    assert member.help == "did you mean `weight`?"
    name = finding("BN202", "mean((weight/w)^2 of rec)", "mean(weight/w of reg)", check)
    assert name.help == "did you mean `rec`?"
    reduced = finding("BN202", "mean((weight/w)^2 of rec)", "rec.weight/w", check)
    assert reduced.help == "reduce it: `mean(weight of rec)`"


def test_a_rule_that_is_wrong_between_its_neurons_is_reported_once(
    check: Callable[..., Any],
) -> None:
    text = BASE.replace("post.u > 1 mV", "<<post.u > 1 pA>>")
    text = text.replace("E -> I as fixed : Exp", f"E -> I : Exp with Rule {{ {WIRE}, w_max = w }}")
    found = [d for d in check(text).found if d.severity is Severity.ERROR]
    assert [d.code for d in found] == ["BN313"]
    assert found[0].label is not None
    assert found[0].label.text == "used here"


def test_what_a_block_alone_has_is_not_said_again_for_its_use(check: Callable[..., Any]) -> None:
    text = BASE.replace("        eta   = 0.01", "        idle = 1\n        eta   = 0.01")
    assert check(text).codes() == ["BN290"]


def test_a_state_of_a_rule_is_not_mistaken_for_a_setting(check: Callable[..., Any]) -> None:
    text = BASE.replace("X = 0.5 in [0, 1]", "gain = 0.5").replace("1 mV: X = 1", "1 mV: gain = 1")
    checked = check(text.replace(GAIN, f"<<{GAIN}>>"))
    assert [d.code for d in checked.found if d.severity is Severity.ERROR] == ["BN214"]
    span = checked.one("BN214").span
    assert span is not None
    assert (span.line, span.column, span.end_line, span.end_column) == checked.marked
    assert check(text.replace(f" {GAIN},", "")).codes() == []


def test_a_mistake_in_a_projection_of_lists_is_reported_once(check: Callable[..., Any]) -> None:
    text = BASE.replace("E -> E as rec", "E, I -> E, I as rec").replace(f"{WIRE}, ", "")
    assert check(text).codes() == ["BN239"]
