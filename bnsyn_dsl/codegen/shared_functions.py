"""The functions that generated modules carry, compiled once per process instead of once a module.

Every generated module has the text of the `bn_` functions it calls, so that it stands alone. Numba
compiles a function where it is first called: with a copy in each module of a network, as often as
there are modules. Where a copy is what this package defines itself, the package's own is used. It
must not be that of another generated module: Numba's cache names the modules a function came from,
and the next process need not have loaded that one.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from types import CodeType, FunctionType, ModuleType
from typing import Any

from bnsyn_dsl.abi.embedding import PREFIX, SOURCES

__all__ = ["share_functions"]


def share_functions(module: ModuleType) -> None:
    """Replace each `bn_` function of a module by this package's own where they are equal.

    Equal are functions with the same code and options whose callees are equal too.
    """
    copies = {n: v for n, v in vars(module).items() if n.startswith(PREFIX)}
    own, own_texts = _own()
    texts: dict[str, str] = {}
    for name, value in copies.items():
        is_compiled = isinstance(getattr(value, "py_func", None), FunctionType)
        if is_compiled and own_texts.get(name) == _text(name, copies, texts):
            setattr(module, name, own[name])


@cache
def _own() -> tuple[dict[str, Any], dict[str, str]]:
    """Return what this package defines, and each definition as a text."""
    own: dict[str, Any] = {}
    for source in SOURCES:
        defined = import_module(f"bnsyn_dsl.abi.{source.removesuffix('.py')}")
        own |= {n: v for n, v in vars(defined).items() if n.startswith(PREFIX)}
    texts: dict[str, str] = {}
    for name in own:
        _text(name, own, texts)
    return own, texts


def _text(name: str, among: dict[str, Any], texts: dict[str, str]) -> str:
    """Return what a definition is: its code and options, and that of everything it refers to."""
    if name not in texts:
        value = among[name]
        function = getattr(value, "py_func", None) or getattr(value, "_defn", value)
        if isinstance(function, FunctionType):
            code = function.__code__
            options = sorted(getattr(value, "targetoptions", {}).items())
            used = [n for n in sorted(code.co_names) if n in among and n != name]
            callees = [_text(n, among, texts) for n in used]
            texts[name] = repr((name, options, _code_text(code), callees))
        else:
            texts[name] = repr(value)  # a constant
    return texts[name]


def _code_text(code: CodeType) -> str:
    """Return a code object as text, without the place where it was written."""
    constants = [_code_text(c) if isinstance(c, CodeType) else repr(c) for c in code.co_consts]
    names = (code.co_varnames, code.co_names, code.co_freevars)
    return repr((code.co_code, constants, names, code.co_argcount, code.co_flags))
