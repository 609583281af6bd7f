"""The head of a rule's module shows what the modeller wrote."""

from __future__ import annotations

import bnsyn_dsl as bns

TEXT = """
plasticity Own:
    parameters:
        tau   = 20 ms   # not shown
        A     = 0.1
        w_max : weight
    state:
        x = 0
    weight in [0, w_max]
    equations:
        half = 0.5*A            # an auxiliary name
        tau * dx/dt = -x        # its left side stays
    on pre:
        if x > 1:
            x = 1               # once

        else:
            x += half
    on post:
        weight += A*w_max*x     # a comment
    every 10 ms:
        weight *= 0.99

network Net:
    populations:
        cells : LIF[2]
    projections:
        cells -> cells : ExpCurrent with Own { w_max = 1 pA } all_to_all {
            weight = 0 pA, delay = 1 ms }
    simulate: 1 ms, dt = 0.1 ms, seed = 1
"""


def test_lines_come_without_comments() -> None:
    (rule,) = bns.load(TEXT).compile().rules
    assert rule.learned.system.source == (
        "half = 0.5*A",
        "tau * dx/dt = -x",
        "on pre:",
        "    if x > 1:",
        "        x = 1",
        "    else:",
        "        x += half",
        "on post:",
        "    weight += A*w_max*x",
        "every 10 ms:",
        "    weight *= 0.99",
    )
    text = rule.path.read_text()
    assert "\n#     tau * dx/dt = -x\n" in text
    assert text.index("\n#             x += half\n") < text.index("import numpy")
