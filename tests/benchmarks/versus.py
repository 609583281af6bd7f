"""Compare the speed of `bnsyn run` with NEST and Brian2: interleaved runs, medians, a table.

    python tests/benchmarks/versus.py [--peers DIR] [--runs 5] [--only coba,brunel,...] [--large]

A row's contenders take turns, `runs` times each, so that a slow minute of the machine meets all of
them. Times are seconds of wall clock: of the time loop alone, or, in the rows `start` and
`systems`, of the whole process for one model millisecond. A contender that fails stops the program
with its message; a peer that is not installed is named below the table. README.md here says how
the peers are installed.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import TypeAlias

HERE = Path(__file__).resolve().parent
EXAMPLES = HERE.parents[1] / "examples"
DEFAULT_PEERS = Path.home() / ".cache" / "bnsyn-peers"
ENVIRONMENT = {"Brian2": "brian", "NEST": "nest"}  # simulator -> folder of its environment
LARGE_NEEDS_GB = 10.0
CACHES = ("BNSYN_CACHE_DIR", "NUMBA_CACHE_DIR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """Seconds of one run, seconds before it, spikes in it (None where only a start was timed)."""

    run_s: float
    build_s: float | None = None
    spikes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """One program of a row; `command` is complete but for our `--json FILE`."""

    name: str
    command: tuple[str, ...]
    ours: bool = False
    whole_process: bool = False  # time the process, not what it reports
    cold: bool = False  # with an empty cache


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One piece of work; ours come first, and ratios are against the first contender."""

    key: str
    title: str
    contenders: tuple[Contender, ...]


Results: TypeAlias = dict[str, list[Measurement]]  # by the name of the contender


def parse_ours(text: str) -> Measurement:
    """Read the JSON of `bnsyn run --json`."""
    result = json.loads(text)
    timing = result["timing_s"]
    return Measurement(
        run_s=timing["run"],
        build_s=timing["total"] - timing["run"],
        spikes=sum(result["spikes"].values()),
    )


def parse_peer(output: str) -> Measurement:
    """Read the last line of JSON that a peer printed among its own messages."""
    lines = [line for line in output.splitlines() if line.startswith("{")]
    if not lines:
        raise SystemExit(f"no result in the output of the peer:\n{output[-2000:]}")
    result = json.loads(lines[-1])
    return Measurement(run_s=result["run_s"], build_s=result["build_s"], spikes=result["spikes"])


def execute(command: Sequence[str], environment: dict[str, str]) -> tuple[str, float]:
    """Run a command to its end; return its output and its seconds."""
    began = time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - began
    if done.returncode != 0:
        tail = (done.stdout + done.stderr)[-3000:]
        raise SystemExit(f"`{shlex.join(command)}` failed ({done.returncode}):\n{tail}")
    return done.stdout, seconds


def measure(contender: Contender, warm_cache: Path) -> Measurement:
    """Run one contender once."""
    with tempfile.TemporaryDirectory() as scratch:
        environment = dict(os.environ)
        cache = Path(scratch) / "cache" if contender.cold else warm_cache
        environment.update(dict.fromkeys(CACHES, str(cache)))
        command = contender.command
        result = Path(scratch) / "result.json"
        if contender.ours:
            command = (*command, "--json", str(result))
        output, seconds = execute(command, environment)
        if contender.whole_process:
            return Measurement(run_s=seconds)
        return parse_ours(result.read_text()) if contender.ours else parse_peer(output)


def contest(row: Row, runs: int, cache: Path) -> Results:
    """Let the contenders of a row take turns; ours runs once before, to fill the cache."""
    for contender in row.contenders:
        if contender.ours and not contender.cold:
            measure(contender, cache)
    measured: Results = {contender.name: [] for contender in row.contenders}
    for turn in range(runs):
        for contender in row.contenders:
            measured[contender.name].append(measure(contender, cache))
            print(f"{row.title}: {contender.name}, run {turn + 1}", file=sys.stderr)
    return measured


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrants:
    """Who can take part: our command and the peers that are installed."""

    bnsyn: tuple[str, ...]
    peers: Path
    only_peers: bool = False

    def ours(self, model: Path, network: str, *, label: str = "", **given: str) -> list[Contender]:
        """Return our run of a network; `given` are options (`threads="2"`, `duration="0.2 s"`)."""
        if self.only_peers:
            return []
        options = [part for name, value in given.items() for part in (f"--{name}", value)]
        command = (*self.bnsyn, "run", str(model), "--network", network, "--no-plot", *options)
        return [Contender(name=f"bnsyn{label}", command=command, ours=True)]

    def peer(
        self, simulator: str, script: str, *, label: str = "", **given: str
    ) -> list[Contender]:
        """Return a peer's run of its script, or nothing where the peer is not installed."""
        python = self.peers / ENVIRONMENT[simulator] / "bin" / "python"
        if not python.exists():
            return []
        options = [
            part for name, value in given.items() for part in (f"--{name.replace('_', '-')}", value)
        ]
        command = (str(python), str(HERE / "peers" / script), *options)
        return [Contender(name=f"{simulator}{label}", command=command)]


def coba(entrants: Entrants) -> Row:
    """4,000 conductance-based cells, 0.3 million synapses."""
    return Row(
        key="coba",
        title="COBA, 4,000 cells, 1 s",
        contenders=(
            *entrants.ours(EXAMPLES / "coba.bns", "COBA", threads="1"),
            *entrants.peer("Brian2", "coba_brian.py", label=" C++"),
            *entrants.peer("NEST", "coba_nest.py"),
        ),
    )


def brunel(entrants: Entrants, threads: str) -> Row:
    """10,000 current-based cells, 10 million synapses, 26 Hz, Poisson drive."""
    return Row(
        key="brunel",
        title=f"Brunel, 10,000 x 1,000, 1 s, threads: {threads}",
        contenders=(
            *entrants.ours(EXAMPLES / "brunel_bench.bns", "BrunelBench", threads=threads),
            *entrants.peer("Brian2", "brunel_brian.py", label=" C++", threads=threads),
            *entrants.peer("NEST", "brunel_nest.py", threads=threads),
        ),
    )


def stdp(entrants: Entrants) -> Row:
    """The same network with multiplicative STDP of the excitatory synapses on excitatory cells."""
    return Row(
        key="stdp",
        title="Brunel with STDP, 10,000 x 1,000, 1 s, threads: 1",
        contenders=(
            *entrants.ours(EXAMPLES / "brunel_stdp_bench.bns", "BrunelStdpBench", threads="1"),
            *entrants.peer("Brian2", "brunel_stdp_brian.py", label=" C++", threads="1"),
            *entrants.peer("NEST", "brunel_stdp_nest.py", threads="1"),
        ),
    )


def learning(entrants: Entrants) -> Row:
    """What learning costs: individual weights that stay, pair STDP, dopamine STDP."""
    model = HERE / "learning_bench.bns"
    networks = (
        ("StaticWeights", "static"),
        ("PairWeights", "pair STDP"),
        ("DopamineWeights", "dopamine"),
    )
    entries = [
        entry
        for network, label in networks
        for entry in entrants.ours(model, network, label=f", {label}", threads="1")
    ]
    return Row(
        key="learning",
        title="Brunel with individual weights, 1 s, threads: 1",
        contenders=tuple(entries),
    )


def large(entrants: Entrants) -> Row:
    """100,000 cells, 100 million synapses, 0.2 s on two threads."""
    ours = {"threads": "2", "set": "N=100000", "duration": "0.2 s"}
    theirs = {"threads": "2", "neurons": "100000", "duration_ms": "200"}
    return Row(
        key="large",
        title="Brunel, 100,000 x 1,000, 0.2 s, threads: 2",
        contenders=(
            *entrants.ours(EXAMPLES / "brunel_bench.bns", "BrunelBench", **ours),
            *entrants.peer("NEST", "brunel_nest.py", **theirs),
        ),
    )


def adex(entrants: Entrants) -> Row:
    """4,000 AdEx cells with error control on both sides."""
    return Row(
        key="adex",
        title="AdEx, 4,000 cells, 1 s, error-controlled",
        contenders=(
            *entrants.ours(HERE / "adex_bench.bns", "AdExDefault", threads="1"),
            *entrants.peer("NEST", "adex_nest.py"),
        ),
    )


def adex_euler(entrants: Entrants) -> Row:
    """4,000 AdEx cells by explicit Euler on both sides: speed at equal method."""
    return Row(
        key="adex",
        title="AdEx, 4,000 cells, 1 s, Euler",
        contenders=(
            *entrants.ours(HERE / "adex_bench.bns", "AdExEuler", threads="1"),
            *entrants.peer("Brian2", "adex_brian.py", label=" C++"),
        ),
    )


def start(entrants: Entrants) -> Row:
    """The first model millisecond of COBA, as the seconds of a whole process."""
    entries = (
        *entrants.ours(EXAMPLES / "coba.bns", "COBA", label=", warm cache", duration="1 ms"),
        *entrants.ours(EXAMPLES / "coba.bns", "COBA", label=", empty cache", duration="1 ms"),
        *entrants.peer("Brian2", "coba_brian.py", label=" C++", duration_ms="1"),
        *entrants.peer("NEST", "coba_nest.py", duration_ms="1"),
    )
    contenders = tuple(
        replace(entry, whole_process=True, cold=entry.name.endswith("empty cache"))
        for entry in entries
    )
    return Row(key="start", title="first spikes of COBA, whole process", contenders=contenders)


def systems(entrants: Entrants) -> Row:
    """A start with an empty cache and one, two and four coupled systems to compile."""
    model = HERE / "systems_bench.bns"
    entries = [
        entry
        for network in ("OneSystem", "TwoSystems", "FourSystems")
        for entry in entrants.ours(model, network, label=f", {network}", duration="1 ms")
    ]
    return Row(
        key="systems",
        title="first spikes with so many coupled systems, empty cache",
        contenders=tuple(replace(entry, whole_process=True, cold=True) for entry in entries),
    )


def all_rows(entrants: Entrants) -> list[Row]:
    """Return every row, in the order of the table."""
    return [
        coba(entrants),
        brunel(entrants, "1"),
        brunel(entrants, "2"),
        stdp(entrants),
        learning(entrants),
        large(entrants),
        adex(entrants),
        adex_euler(entrants),
        start(entrants),
        systems(entrants),
    ]


def table(contests: Sequence[tuple[Row, Results]]) -> str:
    """Return the Markdown table; `ratio` is the row's time over that of its first contender."""
    lines = [
        "| work | contender | median s | least to most | before the run, s | spikes | ratio |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for row, measured in contests:
        base: float | None = None
        for name, results in measured.items():
            seconds = [result.run_s for result in results]
            base = median(seconds) if base is None else base
            before = [result.build_s for result in results if result.build_s is not None]
            cells = (
                row.title,
                name,
                f"{median(seconds):.3f}",
                f"{min(seconds):.3f} to {max(seconds):.3f}",
                f"{median(before):.2f}" if before else "",
                "" if results[-1].spikes is None else f"{results[-1].spikes:,}",
                f"{median(seconds) / base:.2f}",
            )
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def available_gb() -> float:
    """Return the memory that a program can still get, in GB (Linux)."""
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) / 1e6
    raise SystemExit("/proc/meminfo does not name MemAvailable")


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description="bnsyn against NEST and Brian2")
    parser.add_argument("--peers", type=Path, default=DEFAULT_PEERS, metavar="DIR")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument(
        "--only", default="coba,brunel,stdp,learning,adex,start", help="rows, by comma"
    )
    parser.add_argument("--large", action="store_true", help="also the row `large` (8 GB)")
    parser.add_argument("--only-peers", action="store_true", help="leave bnsyn out")
    parser.add_argument(
        "--bnsyn", default=shlex.join([sys.executable, "-m", "bnsyn_dsl"]), help="our command"
    )
    return parser.parse_args(given)


def main(given: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = arguments(given)
    keys = {*options.only.split(","), *(["large"] if options.large else [])}
    everyone = Entrants(
        bnsyn=tuple(shlex.split(options.bnsyn)), peers=options.peers, only_peers=options.only_peers
    )
    rows = [row for row in all_rows(everyone) if row.key in keys]
    unknown = keys - {row.key for row in rows}
    if unknown:
        raise SystemExit(f"no such row: {', '.join(sorted(unknown))}")
    if "large" in keys and available_gb() < LARGE_NEEDS_GB:
        raise SystemExit(f"`large` needs {LARGE_NEEDS_GB:.0f} GB; {available_gb():.1f} GB are free")
    with tempfile.TemporaryDirectory() as cache:
        contests = [(row, contest(row, options.runs, Path(cache))) for row in rows]
    print(table(contests))
    for simulator, folder in ENVIRONMENT.items():
        if not (options.peers / folder / "bin" / "python").exists():
            print(f"\n{simulator} is not installed in {options.peers / folder}.")


if __name__ == "__main__":
    main()
