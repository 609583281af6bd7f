"""Compiled loops of the runtime, one family a file: a run compiles only what it uses."""
