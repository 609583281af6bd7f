"""`bnsyn compile`: modules with names, trees and kernels as text."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.small import SMALL, Bnsyn, written

NEURON, _, NETWORK = SMALL.partition("network")
SYNAPSE = "synapse S:\n    on pre: post.V_m += weight\n"


def test_a_neuron_file_becomes_a_module_of_its_name(bnsyn: Bnsyn, tmp_path: Path) -> None:
    (tmp_path / "My-Cell.bns").write_text(NEURON)
    result = bnsyn("compile", "My-Cell.bns", "-o", "out")
    assert result.exit_code == 0, result.stderr
    assert result.stdout == "wrote out/my_cell.py\n"
    assert written(tmp_path) == {"My-Cell.bns", "out/my_cell.py"}
    assert 'METHOD = "exact"' in (tmp_path / "out" / "my_cell.py").read_text()


def test_variants_do_not_change_the_name(bnsyn: Bnsyn, tmp_path: Path) -> None:
    variant = "neuron Fast is Cell:\n    parameters:\n        tau = 5 ms\n"
    (tmp_path / "cells.bns").write_text(f"{NEURON}\n{variant}")
    assert bnsyn("compile", "cells.bns", "-o", "out").stdout == "wrote out/cells.py\n"
    named = bnsyn("compile", "cells.bns", "-o", "out", "--model", "Fast")
    assert named.stdout == "wrote out/fast.py\n"


def test_several_neurons_become_one_module_each(bnsyn: Bnsyn, tmp_path: Path) -> None:
    (tmp_path / "two.bns").write_text(f"{NEURON}\n{NEURON.replace('Cell', 'Other')}")
    bnsyn("compile", "two.bns", "-o", "out")
    assert written(tmp_path / "out") == {"cell.py", "other.py"}


def test_the_modules_of_a_network_import_one_another(
    bnsyn: Bnsyn, tmp_path: Path, small: Path
) -> None:
    result = bnsyn("compile", "small.bns", "-o", "out")
    assert result.exit_code == 0, result.stderr
    assert written(tmp_path / "out") == {"small.py", "small_cell.py"}
    done = subprocess.run(
        [sys.executable, "-c", "import small; print(callable(small.advance))"],
        capture_output=True, text=True, cwd=tmp_path / "out", check=False,
    )  # fmt: skip
    assert done.stdout == "True\n", done.stderr


def test_a_second_compilation_writes_the_same_bytes_over_the_first(
    bnsyn: Bnsyn, tmp_path: Path, small: Path
) -> None:
    bnsyn("compile", "small.bns", "-o", "out")
    first = {n: (tmp_path / "out" / n).read_bytes() for n in written(tmp_path / "out")}
    (tmp_path / "out" / "small.py").write_text("something else")
    assert bnsyn("compile", "small.bns", "-o", "out").exit_code == 0
    assert {n: (tmp_path / "out" / n).read_bytes() for n in written(tmp_path / "out")} == first


def test_nothing_is_written_where_there_are_errors(bnsyn: Bnsyn, tmp_path: Path) -> None:
    (tmp_path / "bad.bns").write_text(SMALL.replace("(I - V_m)/tau", "(I - V_m)*tau"))
    result = bnsyn("compile", "bad.bns", "-o", "out")
    assert result.exit_code == 1
    assert "error[BN310]" in result.stderr
    assert written(tmp_path) == {"bad.bns"}


def test_the_tree_of_a_file(bnsyn: Bnsyn, tmp_path: Path) -> None:
    (tmp_path / "s.bns").write_text(SYNAPSE)
    assert bnsyn("compile", "s.bns", "--emit", "tree").stdout == (
        "File()\n"
        "  items: Block(kind='synapse', name='S')\n"
        "    sections: Handler(event='pre')\n"
        "      body: Assign(op='+=', owner='post', name='V_m')\n"
        "        value: Name(ident='weight')\n"
    )


def test_kernels_as_text(bnsyn: Bnsyn, tmp_path: Path, small: Path) -> None:
    result = bnsyn("compile", "small.bns", "--emit", "ir")
    assert result.exit_code == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0] == "kernel Cell"
    assert lines[1] == "  method exact: all equations are linear with constant coefficients"
    assert "    tau [ms]  # time constant" in lines
    assert "  spike when" in lines
    assert "    ge(V_m, V_th)" in lines
    assert written(tmp_path) == {"small.bns"}


def test_source_on_stdout_is_what_is_written(bnsyn: Bnsyn, tmp_path: Path) -> None:
    (tmp_path / "cell.bns").write_text(NEURON)
    shown = bnsyn("compile", "cell.bns", "--emit", "source").stdout
    assert written(tmp_path) == {"cell.bns"}
    bnsyn("compile", "cell.bns")
    assert (tmp_path / "cell.py").read_text() == shown


def test_source_of_a_network_is_headed_by_names(bnsyn: Bnsyn, small: Path) -> None:
    shown = bnsyn("compile", "small.bns", "--emit", "source").stdout
    assert [line for line in shown.splitlines() if line.startswith("# ----")] == [
        "# ---- small.py",
        "# ---- small_cell.py",
    ]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--model", "Cel"], "did you mean `Cell`?"),
        (["--network", "Big"], "has no network `Big`"),
        (["--target", "abacus"], "error[BN602]: unknown backend `abacus`"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_unknown_names_are_explained(
    bnsyn: Bnsyn, small: Path, tmp_path: Path, arguments: list[str], text: str
) -> None:
    result = bnsyn("compile", "small.bns", "-o", "out", *arguments)
    assert result.exit_code == 1
    assert text in result.stderr
    assert written(tmp_path) == {"small.bns"}


def test_a_synapse_alone_is_not_compiled(bnsyn: Bnsyn, tmp_path: Path) -> None:
    (tmp_path / "s.bns").write_text(SYNAPSE)
    result = bnsyn("compile", "s.bns")
    assert result.exit_code == 1
    assert "`s.bns` has neither a network nor a neuron to compile" in result.stderr


EXAMPLES = Path(__file__).parents[2] / "examples"


def test_a_rule_wired_to_an_auxiliary_name_of_a_modulator(bnsyn: Bnsyn, tmp_path: Path) -> None:
    """What `run` compiles, `compile` writes: modules of the loop, of the systems, of the rule."""
    result = bnsyn("compile", str(EXAMPLES / "bnsyn.bns"), "--network", "BNSyn", "-o", "out")
    assert result.exit_code == 0, result.stderr
    assert {"bnsyn.py", "bnsyn_rule_0.py"} <= written(tmp_path / "out")


def test_a_neuron_that_requires_one_dt_is_compiled_with_it(bnsyn: Bnsyn, tmp_path: Path) -> None:
    file = Path(__file__).parents[2] / "models" / "neurons" / "izhikevich.bns"
    result = bnsyn("compile", str(file), "-o", "out")
    assert result.exit_code == 0, result.stderr
    assert written(tmp_path / "out") == {"izhikevich.py", "izhikevichpublished.py"}
    checked = bnsyn("check", str(file))
    assert checked.exit_code == 0
    assert "neurons IzhikevichPublished, RegularSpiking" in checked.stdout
