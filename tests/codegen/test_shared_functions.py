"""Copies of this package's functions in generated modules are replaced by the originals."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from bnsyn_dsl.abi import functions
from bnsyn_dsl.abi.embedding import embed
from bnsyn_dsl.codegen.module_files import load_module
from bnsyn_dsl.codegen.shared_functions import share_functions

HEAD = "import numpy as np\nfrom numba import njit, types\nfrom numba.extending import intrinsic\n"
EXP = f"{HEAD}\n{embed(['bn_exp'])}"


def module(text: str) -> ModuleType:
    made = ModuleType("made")
    exec(compile(text, "made.py", "exec", dont_inherit=True), vars(made))
    share_functions(made)
    return made


def test_equal_functions_are_those_of_the_package_wherever_they_stand() -> None:
    assert module(EXP).bn_exp is functions.bn_exp
    assert module(f"{HEAD}\nother = 1\n\n\n\n{embed(['bn_exp'])}").bn_exp is functions.bn_exp


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("bn_ln2_low = ", "bn_ln2_low = 3.0 * "),  # a constant that it needs
        ("def bn_exp_tail(r):", "def bn_exp_tail(r):\n    r = r + 0.0"),  # a function it calls
        ("@bn_inlined\ndef bn_exp(", "@njit(fastmath=True)\ndef bn_exp("),  # its options
    ],
    ids=["constant", "callee", "options"],
)
def test_what_differs_anywhere_stays_apart(old: str, new: str) -> None:
    assert old in EXP
    assert module(EXP.replace(old, new)).bn_exp is not functions.bn_exp


def test_functions_of_a_model_are_its_own() -> None:
    made = module(f"{EXP}\n@njit\ndef slopes(x):\n    return bn_exp(x)\n")
    assert made.slopes.py_func.__module__ != functions.__name__
    assert made.slopes(0.0) == 1.0


USER = "\n\n@njit(cache=True)\ndef slopes(x):\n    return bn_exp(x)\n"
AGAIN = """
import sys
from pathlib import Path
from bnsyn_dsl.codegen.module_files import load_module
made = load_module("bnsyn_b", Path(sys.argv[1]) / "bnsyn_b.py")
print(made.slopes(0.0), sum(made.slopes.stats.cache_hits.values()))
"""


def test_what_is_cached_needs_no_other_generated_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    for name in ("bnsyn_a", "bnsyn_b"):
        (tmp_path / f"{name}.py").write_text(f"# {name}\n{EXP}{USER}")
    for turn in range(2):
        script = AGAIN if turn else f"{AGAIN.replace('bnsyn_b', 'bnsyn_a')}{AGAIN}"
        done = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    assert done.stdout == "1.0 1\n"
    assert load_module("bnsyn_a", tmp_path / "bnsyn_a.py").slopes(0.0) == 1.0
