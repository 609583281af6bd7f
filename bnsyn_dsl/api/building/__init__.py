"""Calls of Python write a network: the syntax tree that a file would give.

In: arguments of `population`, `modulator`, `connect`, `record`. Out: sections appended to the
network's block, and the arrays among the arguments, put into the settled plan later. What a file
could say is checked by the same code as a file; here only what Python alone can get wrong is
refused: types, shapes, NaN.

    calls         the methods, with what each argument means
    populations   neurons with their settings
    projections   synapses by rule or by list, and drives
    learning      modulators, rules of plasticity
    probes        what is recorded
    places        populations, parts of them, ends of projections
    arrays        arrays -> the settled plan

Not done here: anything that needs another section than the one that is written.
"""
