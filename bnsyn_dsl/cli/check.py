"""`bnsyn check`: everything the compiler can say of a file before it is run."""

from __future__ import annotations

import json

import click

from bnsyn_dsl.cli.console import results, show
from bnsyn_dsl.cli.opening import Opened, open_file
from bnsyn_dsl.cli.solution import (
    NetworkReport,
    gathered,
    network_report,
    report_json,
    report_lines,
)
from bnsyn_dsl.compiler import compile_network
from bnsyn_dsl.diagnostics import BnsError, Diagnostic, DiagnosticLog, Severity
from bnsyn_dsl.diagnostics.render import to_json
from bnsyn_dsl.options import CompileOptions
from bnsyn_dsl.semantics.plan import NetworkPlan
from bnsyn_dsl.syntax import nodes

__all__ = ["check_command"]


@click.command("check")
@click.argument("files", nargs=-1, required=True, type=click.Path())
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.pass_context
def check_command(ctx: click.Context, files: tuple[str, ...], form: str) -> None:
    r"""Check files: syntax, names, units and values of every block and network in them.

    Shows for each network how its populations are solved and why, their states with units, and
    where the states of their synapses are kept. Findings go to stderr. The exit code is 1 when
    there are errors; warnings and notes do not fail.

    \b
    Examples:
      bnsyn check brunel.bns
      bnsyn check models/*.bns --format json
    """
    failed = False
    checked: list[dict[str, object]] = []
    for name in files:
        log = DiagnosticLog()
        reports = _check(name, log)
        failed = failed or log.has_errors
        if form == "json":
            checked.append(_json(name, log, reports))
            continue
        show(log.found)
        for report in gathered(reports):
            for line in report_lines(report):
                click.echo(line)
            click.echo()
        click.echo(_verdict(name, log.found))
    if form == "json":
        results().print_json(json.dumps({"files": checked}))
    if failed:
        ctx.exit(1)


def _check(name: str, log: DiagnosticLog) -> list[NetworkReport]:
    """Check one file: findings go into `log`; what could be solved is reported."""
    try:
        opened = open_file(name, log)
    except BnsError as failure:
        log.add(*failure.diagnostics)
        return []
    for block in opened.library.blocks():
        if isinstance(block, nodes.Block):
            opened.library.model(block.name, block.name_span)
    reports: list[NetworkReport] = []
    used: set[str] = set()
    for network in opened.networks:
        try:
            plan = opened.plan(network)
            used |= {p.model.name for p in plan.populations}
            reports.append(_solved(plan, log, alone=False))
        except BnsError:
            continue  # its findings are in the log; the next network has its own
    reports.extend(_alone(opened, used, log))
    return reports


def _alone(opened: Opened, used: set[str], log: DiagnosticLog) -> list[NetworkReport]:
    """Solve the neurons that no network of the file uses, each alone.

    A neuron that needs values from a network cannot be tried: nothing is wrong with it.
    """
    reports: list[NetworkReport] = []
    for block in () if log.has_errors else opened.neurons:
        if block.name in used:
            continue
        plan = opened.alone(block.name, block.name_span, DiagnosticLog())
        if plan is None:
            continue
        try:
            reports.append(_solved(plan, log, alone=True))
        except BnsError:
            continue  # its findings are in the log
    return reports


def _solved(plan: NetworkPlan, log: DiagnosticLog, *, alone: bool) -> NetworkReport:
    """Compile a plan with a log of its own: earlier errors of the file do not stop it."""
    found = DiagnosticLog()
    try:
        return network_report(compile_network(plan, CompileOptions(), found), alone=alone)
    except BnsError as failure:
        found.add(*failure.diagnostics)
        raise
    finally:
        log.add(*found.found)


def _json(name: str, log: DiagnosticLog, reports: list[NetworkReport]) -> dict[str, object]:
    return {
        "file": name,
        "diagnostics": [to_json(d) for d in log.found],
        "networks": [report_json(r) for r in reports],
    }


def _verdict(name: str, found: tuple[Diagnostic, ...]) -> str:
    counts = []
    for severity in Severity:
        number = sum(d.severity is severity for d in found)
        if number:
            counts.append(f"{number} {severity}{'s' if number > 1 else ''}")
    return f"{name}: {', '.join(counts) or 'nothing found'}"
