"""What the template of a plasticity rule is given."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ClockView", "RuleView"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockView:
    """One `every` of a rule: its period in steps, lines for a cell, lines for a synapse."""

    steps: str
    cell: tuple[str, ...]
    body: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleView:
    """What the template `learning.py.j2` is given."""

    title: str
    header: tuple[str, ...]
    source: tuple[str, ...]
    functions_text: str
    framed: bool
    parameters: tuple[str, ...]
    decays: tuple[str, ...]
    arrive_arguments: str
    head: tuple[str, ...]
    cell_load: tuple[str, ...]
    bring: tuple[str, ...]
    transmit: tuple[str, ...]
    checked: bool
    add: tuple[str, ...]
    recent: tuple[str, ...]
    replay: tuple[str, ...]
    on_pre: tuple[str, ...]
    store: tuple[str, ...]
    cell_store: tuple[str, ...]
    fire_arguments: str
    fire_comment: str
    fire_head: tuple[str, ...]
    fire: tuple[str, ...]
    settle_arguments: str
    settle_head: tuple[str, ...]
    settle_cell: tuple[str, ...]
    settle: tuple[str, ...]
    settle_call: str
    rebase_arguments: str
    rebase_call: str
    rebase: tuple[str, ...]
    sweep_arguments: str
    sweep_head: tuple[str, ...]
    sweep_cell: tuple[str, ...]
    sweep_load: tuple[str, ...]
    sweep_post: tuple[str, ...]
    sweep_step: tuple[str, ...]
    sweep_rows: tuple[str, ...]
    sweep_targets: tuple[str, ...]
    head_parameters: tuple[str, ...]
    tick_arguments: str
    clocks: tuple[ClockView, ...]
