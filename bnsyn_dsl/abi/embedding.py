"""The definitions of this package as source text, for modules that must stand alone.

In: the names that a generated module calls. Out: the text of their definitions and of everything
these need, in the order of the files, for a module that begins with

    import numpy as np
    from numba import njit, types
    from numba.extending import intrinsic

The text is cut out of the files, never printed anew: what runs in a generated module is what is
read and tested here, comments included.
"""

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

__all__ = ["embed", "embeddable_names"]

SOURCES = (
    "intrinsics.py",
    "functions.py",
    "rounding.py",
    "marks.py",
    "random_numbers.py",
    "matrix_exponential.py",
)
PREFIX = "bn_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One function or constant: its lines, and the names of this package that it uses."""

    name: str
    text: str
    uses: frozenset[str]
    is_function: bool


def embed(names: Iterable[str]) -> str:
    """Return the source text of the named definitions and of all that they depend on.

    Raises:
        LookupError: A name is not defined in this package.
    """
    wanted = _closure(names)
    chosen = [definition for name, definition in _definitions().items() if name in wanted]
    parts: list[str] = []
    for before, definition in zip([None, *chosen], chosen, strict=False):
        if before is not None:
            apart = before.is_function or definition.is_function
            parts.append("\n\n\n" if apart else "\n")
        parts.append(definition.text)
    return "".join([*parts, "\n"]) if parts else ""


def embeddable_names() -> tuple[str, ...]:
    """Return every name that `embed` knows, in the order of the files."""
    return tuple(_definitions())


def _closure(names: Iterable[str]) -> frozenset[str]:
    definitions = _definitions()
    found: set[str] = set()
    pending = list(names)
    while pending:
        name = pending.pop()
        if name in found:
            continue
        if name not in definitions:
            raise LookupError(f"`{name}` is not a definition that can be embedded")
        found.add(name)
        pending.extend(definitions[name].uses)
    return frozenset(found)


@cache
def _definitions() -> dict[str, Definition]:
    """Read the source files: every `bn_` definition by name, in file order."""
    found: dict[str, Definition] = {}
    for source in SOURCES:
        text = files("bnsyn_dsl.abi").joinpath(source).read_text(encoding="utf-8")
        lines = text.splitlines()
        for node in ast.parse(text).body:
            definition = _definition(node, lines)
            if definition is None:
                continue
            if definition.name in found:
                raise AssertionError(f"`{definition.name}` is defined twice")
            found[definition.name] = definition
    return found


def _definition(node: ast.stmt, lines: list[str]) -> Definition | None:
    match node:
        case ast.FunctionDef(name=name):
            first = min([node.lineno, *(entry.lineno for entry in node.decorator_list)])
        case ast.Assign(targets=[ast.Name(id=name)]):
            first = node.lineno
        case _:
            return None
    if not name.startswith(PREFIX):
        return None
    return Definition(
        name=name,
        text="\n".join(lines[first - 1 : node.end_lineno]),
        uses=frozenset(_names_in(node)) - {name},
        is_function=isinstance(node, ast.FunctionDef),
    )


def _names_in(node: ast.AST) -> Iterable[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and inner.id.startswith(PREFIX):
            yield inner.id
