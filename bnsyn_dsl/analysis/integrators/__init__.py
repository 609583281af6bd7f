"""Integrators: each turns the equations of a coupled system into the update of one step.

An integrator is registered under the entry-point group `bnsyn_dsl.integrators`. It sees expressions
only; how they are computed is decided later, in lowering.
"""
