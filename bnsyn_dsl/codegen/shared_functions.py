"""Equal functions of several generated modules, compiled once per process.

Every generated module carries the text of the `bn_` functions it calls, so that it stands alone.
Numba compiles a function where it is first called; if the modules of one network each kept their
own copy, it would be compiled as often as there are modules.
"""

from __future__ import annotations

from types import CodeType, FunctionType, ModuleType
from typing import Any

__all__ = ["share_functions"]

_PREFIX = "bn_"
_SHARED: dict[str, Any] = {}  # like `sys.modules`: what is loaded, by what it is


def share_functions(module: ModuleType) -> None:
    """Replace each `bn_` function of a module by the first equal one of this process.

    Equal are functions with the same code and options whose callees are equal too.
    """
    own = {n: v for n, v in vars(module).items() if n.startswith(_PREFIX)}
    keys: dict[str, str] = {}
    for name, value in own.items():
        if isinstance(getattr(value, "py_func", None), FunctionType):
            setattr(module, name, _SHARED.setdefault(_key(name, own, keys), value))


def _key(name: str, own: dict[str, Any], keys: dict[str, str]) -> str:
    """Return what a definition is: its code and options, and that of everything it refers to."""
    if name not in keys:
        value = own[name]
        function = getattr(value, "py_func", None) or getattr(value, "_defn", value)
        if isinstance(function, FunctionType):
            code = function.__code__
            options = sorted(getattr(value, "targetoptions", {}).items())
            used = sorted(n for n in code.co_names if n in own and n != name)
            keys[name] = repr((name, options, _text(code), [_key(n, own, keys) for n in used]))
        else:
            keys[name] = repr(value)  # a constant
    return keys[name]


def _text(code: CodeType) -> str:
    """Return a code object as text, without the place where it was written."""
    constants = [_text(c) if isinstance(c, CodeType) else repr(c) for c in code.co_consts]
    names = (code.co_varnames, code.co_names, code.co_freevars)
    return repr((code.co_code, constants, names, code.co_argcount, code.co_flags))
