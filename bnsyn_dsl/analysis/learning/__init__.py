"""Plasticity rules taken apart: who owns each state, and how it moves between events."""
