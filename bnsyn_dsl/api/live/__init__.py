"""Modulators and synapses of a network in Python: read, set, sent signals, between two runs."""
