"""Wrong input of every kind: code 1, a sentence with code and place, no traceback, no files."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.cli.small import Bnsyn, written

CELL = """\
neuron C:
    parameters:
        tau = 10 ms
    input:
        I_e = 0 mV
    state:
        V = 0 mV
    equations:
        dV/dt = (I_e - V)/tau
    spike when V > 10 mV:
        V = 0 mV
"""

RULE = "E -> E : Delta all_to_all { weight = 1 mV, delay = 1 ms }"


def network(size: str = "10", rule: str = RULE, run: str = "100 ms, dt = 0.1 ms") -> str:
    """Return a network of one population and one projection."""
    return (
        "network N:\n"
        f"    populations:\n        E : LIF[{size}]\n"
        f"    projections:\n        {rule}\n"
        f"    simulate: {run}\n"
    )


def changed(old: str, new: str) -> str:
    """Return the cell with something else in one place."""
    assert old in CELL
    return CELL.replace(old, new, 1)


def ruled(rule: str) -> str:
    """Return a network with another connection rule."""
    return network(rule=RULE.replace("all_to_all", rule))


def delayed(delay: str) -> str:
    """Return a network with another delay."""
    return network(rule=RULE.replace("1 ms", delay))


# text, code, line and column of the first finding
CHECKED = {
    "missing colon": (changed("state:", "state"), "BN111", "6:10"),
    "tab among spaces": (changed("tau = 10 ms", "tau = 10 ms\n\tx = 1 ms"), "BN105", "4:1"),
    "open bracket": (changed("(I_e - V)", "(I_e - V"), "BN106", "9:17"),
    "closing bracket": (changed("(I_e - V)", "I_e - V)"), "BN107", "9:24"),
    "unknown block": (changed("neuron", "nueron"), "BN115", "1:1"),
    "empty": ("", "BN103", "1:1"),
    "comments alone": ("# nothing\n\n", "BN103", "1:1"),
    "nested 10,000 deep": (
        changed("(I_e - V)", "(" * 10_000 + "I_e" + ")" * 10_000),
        "BN109",
        "9:117",
    ),
    "10,000 signs": (changed("(I_e - V)", "-" * 10_000 + "I_e"), "BN109", "9:9"),
    "a sum of 3,000": (changed("(I_e - V)", "(I_e" + " + V" * 3_000 + ")"), "BN109", "9:9"),
    "a control character": (changed("tau", "\0tau"), "BN104", "3:9"),
    "an unknown name": (changed("I_e - V", "I_x - V"), "BN201", "9:18"),
    "an unknown function": (changed("(I_e - V)", "foo(I_e - V)"), "BN204", "9:17"),
    "two equations": (changed("/tau\n", "/tau\n        dV/dt = -V/tau\n"), "BN220", "10:9"),
    "no equation": (changed("V = 0 mV\n", "V = 0 mV\n        w = 0 mV\n"), "BN226", "8:9"),
    "a cycle": (
        changed("        dV", "        a = b\n        b = a + V\n        dV"),
        "BN217",
        "9:9",
    ),
    "a sum of units": (changed("I_e - V", "I_e - V + 1 pA"), "BN312", "9:28"),
    "units of an equation": (changed("tau = 10 ms", "tau = 10 mV"), "BN310", "9:17"),
    "import of itself": (f'import "bad.bns"\n{CELL}', "BN231", "1:1"),
    "import of nothing": (f'import "nowhere.bns"\n{CELL}', "BN230", "1:1"),
    "a negative delay": (delayed("-1 ms"), "BN451", "5:60"),
    "an infinite delay": (delayed("inf*1 ms"), "BN451", "5:60"),
    "a delay of 0/0": (delayed("0/0*1 ms"), "BN440", "5:60"),
    "dt of 0": (network(run="1 s, dt = 0 ms"), "BN454", "6:25"),
    "a negative dt": (network(run="1 s, dt = -1 ms"), "BN454", "6:25"),
    "a probability above 1": (ruled("pairwise_bernoulli(1.5)"), "BN447", "5:24"),
    "a negative probability": (ruled("pairwise_bernoulli(-0.1)"), "BN447", "5:24"),
    "no neurons": (network("0"), "BN446", "3:17"),
    "a negative size": (network("-3"), "BN446", "3:17"),
    "a broken size": (network("2.5"), "BN446", "3:17"),
    "an endless size": (network("inf"), "BN446", "3:17"),
    "too many inputs": (ruled("fixed_indegree(20)"), "BN450", "5:24"),
    "a requirement": (network("10] { C_m = -1 pF }").replace("}]", "}"), "BN444", "3:13"),
}


@pytest.mark.parametrize(("text", "code", "place"), CHECKED.values(), ids=CHECKED)
def test_check_names_the_code_and_the_place(
    bnsyn: Bnsyn, tmp_path: Path, text: str, code: str, place: str
) -> None:
    (tmp_path / "bad.bns").write_text(text)
    result = bnsyn("check", "bad.bns")
    assert result.exit_code == 1
    first, where = result.stderr.splitlines()[:2]
    assert first.startswith(f"error[{code}]: ")
    assert len(first) > len(f"error[{code}]: ") + 10
    assert where.strip() == f"--> bad.bns:{place}"
    assert written(tmp_path) == {"bad.bns"}


@pytest.mark.parametrize("name", ["negative size", "dt of 0", "an unknown name", "empty"])
@pytest.mark.parametrize("command", ["run", "compile"])
def test_other_commands_refuse_it_too(
    bnsyn: Bnsyn, tmp_path: Path, command: str, name: str
) -> None:
    text = CHECKED[name if name in CHECKED else f"a {name}"][0]
    (tmp_path / "bad.bns").write_text(text)
    result = bnsyn(command, "bad.bns")
    assert result.exit_code == 1
    assert "error[BN" in result.stderr
    assert written(tmp_path) == {"bad.bns"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (network("2e9"), "BN404"),
        (network("3200000"), "BN404"),
        (delayed("normal(-1 ms, 0.1 ms)"), "BN404"),
        (delayed("1e12 s"), "BN404"),
    ],
    ids=["neurons beyond memory", "1e13 synapses", "drawn negative delays", "endless delay"],
)
def test_run_refuses_what_only_building_can_see(
    bnsyn: Bnsyn, tmp_path: Path, text: str, code: str
) -> None:
    (tmp_path / "bad.bns").write_text(text)
    result = bnsyn("run", "bad.bns")
    assert result.exit_code == 1
    assert f"error[{code}]: " in result.stderr
    assert written(tmp_path) == {"bad.bns"}


@pytest.mark.parametrize("command", ["check", "run", "compile", "fmt"])
def test_files_that_are_no_text(bnsyn: Bnsyn, tmp_path: Path, command: str) -> None:
    noise = random.Random(1)
    (tmp_path / "latin.bns").write_bytes(CELL.replace("C:", "C:  # für").encode("latin-1"))
    (tmp_path / "noise.bns").write_bytes(noise.randbytes(10_000_000))
    (tmp_path / "folder.bns").mkdir()
    before = written(tmp_path)
    for name, code in (("latin", "BN101"), ("noise", "BN102"), ("folder", "BN100")):
        result = bnsyn(command, f"{name}.bns")
        assert result.exit_code == 1
        assert f"error[{code}]: " in result.stderr
        assert f"`{name}.bns`" in result.stderr
    assert written(tmp_path) == before


def test_readable_noise_ends_after_twenty_findings(bnsyn: Bnsyn, tmp_path: Path) -> None:
    noise = random.Random(1)
    letters = [chr(noise.randrange(32, 127)) for _ in range(300_000)]
    (tmp_path / "noise.bns").write_text("\n".join("".join(letters).split("a")))
    result = bnsyn("check", "noise.bns")
    assert result.exit_code == 1
    assert 1 <= result.stderr.count("error[BN1") <= 20


def test_files_that_import_each_other(bnsyn: Bnsyn, tmp_path: Path) -> None:
    (tmp_path / "a.bns").write_text(f'import "b.bns"\n{CELL}')
    (tmp_path / "b.bns").write_text(f'import "a.bns"\n{CELL.replace("neuron C", "neuron D")}')
    result = bnsyn("check", "a.bns")
    assert result.exit_code == 1
    assert "error[BN231]: the files import each other: `a.bns` -> `b.bns` -> `a.bns`" in (
        result.stderr
    )
