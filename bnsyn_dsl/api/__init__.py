"""The Python interface: what `import bnsyn_dsl as bns` gives.

In: calls, files, numbers, quantities and arrays of a user. Out: `Results`, live values between two
runs, and `BnsError` for what cannot be. A call writes the syntax tree that a file would give, so
that one compiler checks both. Findings are BN44x-BN46x (arguments) and BN49x (runs).

    network          `Network`, `load`: compile, run, continue
    loading          files and texts -> the tree of a network
    building/        `population`, `connect`, `record` ... -> the tree of a network
    model_handles    `bns.models.AdEx`, `load_model`
    argument_syntax  arguments -> pieces of a tree
    quantities       numbers with units, of any library
    timed_array      inputs that are arrays in time
    live/            modulators and synapses, read and set between two runs
    run_failures     what went wrong in a run, in words
    results          what came out of a run
    recordings       spikes and traces in it
    exports          to xarray and Neo
    plotting         pictures

Not done here: units, sizes and names are checked by `semantics`, code is made by `compiler`, memory
is laid out by `assembly`, steps are taken by `runtime`. Public names are given by `bnsyn_dsl`
itself, each imported when it is first used; this file imports nothing.
"""
