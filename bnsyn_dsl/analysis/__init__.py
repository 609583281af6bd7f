"""Understand a network: coupled systems, who owns which state, how each is integrated.

In: `NetworkPlan`. Out: `UpdateSystem`, one per distinct coupled system, as expressions. Not done
here: where values live and in which order they are computed (`lowering`).
"""
