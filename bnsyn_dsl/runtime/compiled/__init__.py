"""Compiled loops of the runtime; each file holds one family, so that a run compiles only what it uses."""
