"""Templates to text. Jinja lives only here, and is not imported before a text is made."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from bnsyn_dsl.codegen.wrapping import wrapped

if TYPE_CHECKING:
    import jinja2

__all__ = ["emit", "environment"]


@cache
def environment(directory: Path) -> jinja2.Environment:
    """Return the environment of one folder of templates: undefined names are errors."""
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(directory),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # the text is Python, not HTML
    )


def emit(directory: Path, template: str, **context: object) -> str:
    """Return the text of a template; blank lines are made regular, long calls are broken."""
    text = environment(directory).get_template(template).render(context)
    lines = [part for line in text.split("\n") for part in wrapped(line.rstrip())]
    kept: list[str] = []
    for line in lines:
        if line or len(kept) < 2 or kept[-1] or kept[-2]:
            kept.append(line)
    return "\n".join(kept).strip("\n") + "\n"
