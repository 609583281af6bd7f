"""Syntax tree -> checked models and network plans.

In: a `nodes.File`, the files it imports and the directories of models. Out: a `Model` for each
block that is used and a `NetworkPlan` for each network: names are symbols, numbers are in internal
units, dimensions agree, sizes and values are settled. Findings have codes BN2xx (names and
structure), BN3xx (units), BN44x-BN45x (values), BN54x (understood, but not compiled yet).

    library      blocks by name
    variants     `B is A:` -> a full block
    block        block -> `Model`
    network      network -> `NetworkPlan`

Not done here: integration (`analysis`), drawing of random numbers and connections (`runtime`).
"""
