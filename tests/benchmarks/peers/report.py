"""What a peer script prints: one line of JSON that begins with a brace."""

from __future__ import annotations

import argparse
import json

__all__ = ["options", "report"]


def options(**defaults: float) -> argparse.Namespace:
    """Parse `--name value` for each default; the type is that of the default."""
    parser = argparse.ArgumentParser()
    for name, value in defaults.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
    return parser.parse_args()


def report(*, simulator: str, build_s: float, run_s: float, spikes: int, rate_hz: float) -> None:
    """Print the line: seconds before the run, seconds of the run, spikes of all neurons in it."""
    measured = {
        "simulator": simulator,
        "build_s": round(build_s, 4),
        "run_s": round(run_s, 4),
        "spikes": int(spikes),
        "rate_hz": round(rate_hz, 3),
    }
    print(json.dumps(measured), flush=True)
