"""Reads compiled kernels: which loops there are, which are vectorised, and what runs in them.

Numba says nothing when a loop stays scalar or calls a library. The text of `inspect_llvm()`
(any processor) and of `inspect_asm()` (x86-64) does.
"""

import platform
import re

READABLE = platform.machine().lower() in {"x86_64", "amd64"}

_FUNCTION = re.compile(r"^\"?([A-Za-z_][\w.$@\[\],<>:*() -]*)\"?:")
_LABEL = re.compile(r"^(\.L\w+):")
_JUMP = re.compile(r"^\s+j\w+\s+(\.L\w+)")
_CALL = re.compile(r"^\s+call\w*\s+(\S+)", re.MULTILINE)
_PACKED = re.compile(
    r"^\s+v?(?:(?:add|sub|mul|div|sqrt|min|max|round|rndscale|cmp\w*)pd|fn?m(?:add|sub)\d+pd"
    r"|pmuludq|paddq|psubq)\s|%[yz]mm",
    re.MULTILINE,
)
_VECTOR_BODY = re.compile(r"^vector\.body\d*:", re.MULTILINE)
_DEFINITION = re.compile(r"^define [^\n]*@_ZN(?!7cpython).*?^}", re.MULTILINE | re.DOTALL)


def innermost_loops(assembly: str) -> list[str]:
    """Return the text of every innermost loop of the kernels, Numba's wrappers left out."""
    loops: list[str] = []
    for lines in _kernels(assembly):
        labels = {match[1]: at for at, line in enumerate(lines) if (match := _LABEL.match(line))}
        spans = []
        for at, line in enumerate(lines):
            jump = _JUMP.match(line)
            if jump and labels.get(jump[1], at + 1) <= at:
                spans.append((labels[jump[1]], at))
        for first, last in spans:
            inner = any(
                (a, b) != (first, last) and first <= a and b <= last and b - a < last - first
                for a, b in spans
            )
            if not inner:
                loops.append("\n".join(lines[first : last + 1]))
    return loops


def hot_loop_calls(assembly: str) -> list[str]:
    """Return what the innermost loops call: empty for a loop without library functions."""
    return [call for loop in innermost_loops(assembly) for call in _CALL.findall(loop)]


def vectorised_loops(llvm: str) -> int:
    """Return how many loops of the source were vectorised, from optimised LLVM text.

    A loop that LLVM cuts in several counts once, so that the number can be compared exactly.
    """
    return sum(len(_VECTOR_BODY.findall(body)) for body in _DEFINITION.findall(llvm))


def packed_loops(assembly: str) -> list[str]:
    """Return the innermost loops that compute with vector registers."""
    return [loop for loop in innermost_loops(assembly) if _PACKED.search(loop)]


def _kernels(assembly: str) -> list[list[str]]:
    """Return the lines of each compiled function that is not an interpreter's wrapper."""
    found: list[list[str]] = []
    current: list[str] | None = None
    for line in assembly.splitlines():
        function = _FUNCTION.match(line)
        if function:
            kernel = function[1].startswith("_ZN") and not function[1].startswith("_ZN7cpython")
            current = [] if kernel else None
            if current is not None:
                found.append(current)
        elif current is not None:
            current.append(line)
    return found
