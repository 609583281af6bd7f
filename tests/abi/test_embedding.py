# mypy: allow-untyped-defs, allow-untyped-calls
import ast
import builtins
import json
import subprocess
import symtable
import sys

import pytest

from bnsyn_dsl.abi.embedding import SOURCES, embed, embeddable_names

HEADER = """\
import numpy as np
from numba import njit, types
from numba.extending import intrinsic


"""

KERNEL = """

@njit(cache=True, error_model="numpy", nogil=True)
def kernel(x, out, fixed, P, guide, cdf):
    bn_distinct_arrays()
    for i in range(x.shape[0]):
        out[0, i] = bn_exp(x[i]) + bn_expm1(x[i]) + bn_exprel(x[i]) + bn_sigmoid(x[i])
        out[1, i] = bn_log(abs(x[i])) + bn_log1p(abs(x[i])) + bn_power(abs(x[i]), 1.7)
        out[2, i] = bn_sin(x[i]) + bn_cos(x[i]) + bn_tanh(x[i]) + bn_modulo(x[i], 0.7)
        out[3, i] = bn_normal(i, 1, 2, 3, 4, 5) + bn_exponential(i, 1, 2, 3, 4, 5)
        out[4, i] = bn_poisson(abs(x[i]), i, 1, 2, 3, 4, 5) + bn_below(9, i, 1, 2, 3, 4, 5)
        fixed[i] = bn_to_fixed(x[i], 1024.0)
    bn_prefetch(x, 3)
    bn_atomic_add(fixed, 0, 1)
    bn_atomic_store(fixed, 1, bn_atomic_load(fixed, 0))
    bn_sched_yield()
    bn_expm(P[0], 0.1, 3, P[1], P[2], P[3], P[4])
    bn_poisson_table(2.5, guide, cdf)
    out[5, 0] = bn_poisson_count(bn_word(7, 1, 2, 3, 4, 5), guide, cdf)
"""

USED = sorted({node.id for node in ast.walk(ast.parse(KERNEL)) if isinstance(node, ast.Name)})
USED = [name for name in USED if name.startswith("bn_")]

RUN = """
import hashlib, importlib.util, json, sys
import numpy as np
name, path = sys.argv[1:]
spec = importlib.util.spec_from_file_location(name, path)
module = importlib.util.module_from_spec(spec)
sys.modules[name] = module
spec.loader.exec_module(module)
x = np.random.default_rng(1).uniform(-30, 30, 101)
out, fixed, P = np.zeros((6, 101)), np.zeros(101, np.int64), np.zeros((5, 3, 3))
P[0] = [[-1.0, 0, 0], [1, -2, 0], [0, 3, -0.1]]
guide, cdf = np.zeros(1024, np.int32), np.zeros(64, np.uint32)
module.kernel(x, out, fixed, P, guide, cdf)
digest = hashlib.sha256(b"".join(a.tobytes() for a in (out, fixed, P, guide, cdf))).hexdigest()
hits = sum(module.kernel.stats.cache_hits.values())
ours = sorted(name for name in sys.modules if name.startswith("bnsyn_dsl"))
print(json.dumps([digest, hits, ours, bool(np.isfinite(out).all()), float(abs(out).sum())]))
"""


def module_text(names):
    return HEADER + embed(names) + KERNEL


def run(name, path):
    command = [sys.executable, "-c", RUN, name, str(path)]
    result = subprocess.run(command, capture_output=True, text=True, check=True, cwd=path.parent)
    return json.loads(result.stdout)


def original_module_text():
    """The same kernel with the definitions imported instead of embedded."""
    lines = ["from numba import njit"]
    for module in (source.removesuffix(".py") for source in SOURCES):
        lines.append(f"from bnsyn_dsl.abi.{module} import *")
        lines.append(f"import bnsyn_dsl.abi.{module} as {module}")
        lines.append(
            f"globals().update({{k: v for k, v in vars({module}).items() if k[0] == 'b'}})"
        )
    return "\n".join(lines) + KERNEL


def test_an_embedded_module_stands_alone_is_cached_and_gives_the_same_bits(tmp_path, monkeypatch):
    (tmp_path / "alone.py").write_text(module_text(USED), encoding="utf-8")
    (tmp_path / "linked.py").write_text(original_module_text(), encoding="utf-8")
    cold = run("bnsyn_generated_alone", tmp_path / "alone.py")
    warm = run("bnsyn_generated_alone", tmp_path / "alone.py")
    monkeypatch.setenv("PYTHONPATH", str(__file__).rpartition("/tests/")[0])
    linked = run("bnsyn_generated_linked", tmp_path / "linked.py")
    assert (cold[1], warm[1]) == (0, 1)
    assert cold[2] == []
    assert linked[2] != []
    assert cold[3]
    assert cold[0] == warm[0] == linked[0]


def test_everything_embedded_runs_with_the_header_alone():
    text = HEADER + embed(embeddable_names())
    namespace: dict[str, object] = {}
    exec(compile(text, "generated", "exec"), namespace)
    assert set(embeddable_names()) <= set(namespace)
    known = {"np", "njit", "types", "intrinsic", *embeddable_names(), *dir(builtins)}
    assert free_globals(symtable.symtable(text, "generated", "exec")) <= known


def free_globals(table):
    found = {s.get_name() for s in table.get_symbols() if s.is_global() and s.is_referenced()}
    for child in table.get_children():
        found |= free_globals(child)
    return found


def test_names_that_a_model_could_have_are_not_embedded():
    tree = ast.parse(embed(embeddable_names()))
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.Assign(targets=[ast.Name(id=name)]):
                assert name.startswith("bn_")
            case _:
                pytest.fail(ast.unparse(node))


def test_only_what_is_needed_is_embedded_in_the_order_of_the_files():
    text = embed(["bn_exp"])
    names = [name for name in embeddable_names() if f"def {name}(" in text or f"\n{name} =" in text]
    assert names == [
        *("bn_fma", "bn_bits", "bn_double", "bn_inlined", "bn_round_shift"),
        *("bn_log2_e", "bn_ln2_high", "bn_ln2_low", "bn_exp_tail", "bn_exp"),
    ]
    positions = [text.index(f"{name}(") for name in ("bn_exp_tail", "bn_exp")]
    assert positions == sorted(positions)


def test_the_order_of_the_names_does_not_matter():
    assert embed(["bn_log", "bn_exp", "bn_log"]) == embed(["bn_exp", "bn_log"])


def test_no_names_give_no_text():
    assert embed([]) == ""


def test_an_unknown_name_is_refused():
    with pytest.raises(LookupError, match="`bn_nothing`"):
        embed(["bn_exp", "bn_nothing"])


def test_the_bits_of_the_embedded_functions_do_not_depend_on_numpy():
    """No library function of NumPy may be called but square root and floor, which are exact."""
    used = {
        node.attr
        for node in ast.walk(ast.parse(embed(embeddable_names())))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "np"
    }
    conversions = {"float64", "int64", "uint64", "uint32"}
    assert used <= conversions | {"sqrt", "floor", "inf", "nan"}
