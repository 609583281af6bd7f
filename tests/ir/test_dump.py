"""The text form of kernels: complete, ordered, stable."""

from __future__ import annotations

from dataclasses import replace

from bnsyn_dsl.ir.dump import dump
from bnsyn_dsl.ir.nodes import (
    Apply,
    Call,
    Column,
    Function,
    Kernel,
    Let,
    MatrixExponential,
    Name,
    Number,
    Substep,
)

V, ONE = Name(ident="V"), Number(value=1.0)


def let(name: str) -> tuple[Let, ...]:
    """Return one let that binds `name`."""
    return (Let(names=(name,), value=Apply(op="add", args=(V, ONE))),)


def column(name: str, unit: str = "mV") -> tuple[Column, ...]:
    """Return one column."""
    return (Column(name=name, source=name, unit=unit),)


def matrix(name: str) -> tuple[MatrixExponential, ...]:
    """Return one matrix exponential with an entry and a result."""
    entries, results = ((0, 0, Apply(op="neg", args=(V,))),), ((0, 0, f"{name}_V"),)
    made = MatrixExponential(name=name, size=1, entries=entries, fraction=0.5, results=results)
    return (made,)


FULL = Kernel(
    name="LIF",
    method="exact",
    reason="it is linear",
    parameters=(Column(name="A_g", source="A.g", unit="nS", description="peak"),),
    varying=column("tau", "ms"),
    states=column("V"),
    gathered=column("ou"),
    receptors=("A",),
    inboxes=(("arrived_A", "quantum_A"),),
    propagators=matrix("P"),
    invariants=let("c1"),
    varied_propagators=matrix("Q"),
    varied=let("c2"),
    per_step=let("c3"),
    functions=(
        Function(
            name="slopes", arguments=("V",), captured=("tau",), body=let("d"), results=(V, ONE),
            comment="the slopes",
        ),
    ),
    arrive=let("c4"),
    integrate=(Let(names=("p", "q"), value=Call(function="slopes", arguments=(V,)), comment="dV"),),
    clock=let("c5"),
    condition=Apply(op="ge", args=(V, ONE)),
    before_condition=let("c6"),
    is_edge=True,
    reset=let("c7"),
    refractory_steps=Number(value=20),
    periods=(("ticks", Number(value=10)),),
    accepted=Name(ident="accepted"),
    substep=Substep(slopes="slopes", step="step", states=("V",), still=(), exact=("A_g",)),
    streams=("xi",),
    observables=(("I_syn", let("c8"), V),),
)  # fmt: skip

TEXT = """\
kernel LIF
  method exact: it is linear
  parameters
    A_g = A.g [nS]  # peak
  parameters per neuron
    tau [ms]
  states
    V [mV]
  gathered
    ou [mV]
  receptors
    A
  inboxes
    arrived_A, in units of quantum_A
  streams
    xi
  before the run
    P = exp(M*0.5*dt), 1 x 1
      M[0, 0] = neg(V)
      P_V = P[0, 0]
    c1 = add(V, 1.0)
  before the run, per neuron
    Q = exp(M*0.5*dt), 1 x 1
      M[0, 0] = neg(V)
      Q_V = Q[0, 0]
    c2 = add(V, 1.0)
  every step
    c3 = add(V, 1.0)
  function slopes(V)
    # the slopes
    reads tau
    d = add(V, 1.0)
    return V, 1.0
  arrive
    c4 = add(V, 1.0)
  integrate
    # dV
    p, q = call slopes(V)
  accepted when
    accepted
  otherwise sub-steps by step, slopes
    states V
    exact A_g
  periods
    ticks = 10
  clock
    c5 = add(V, 1.0)
  spike when newly
    c6 = add(V, 1.0)
    ge(V, 1.0)
  reset
    c7 = add(V, 1.0)
  refractory steps
    20
  observe I_syn
    c8 = add(V, 1.0)
    V
"""


def test_every_part_of_a_kernel_is_in_its_text() -> None:
    assert dump(FULL) == TEXT


def test_parts_without_content_are_left_out() -> None:
    small = replace(
        FULL, parameters=(), varying=(), states=(), gathered=(), receptors=(), inboxes=(),
        propagators=(), invariants=(), varied_propagators=(), varied=(), per_step=(),
        functions=(), arrive=(), integrate=(), clock=(), condition=None,
        before_condition=(), reset=(),
        refractory_steps=None, periods=(), accepted=None, substep=None, streams=(),
        observables=(),
    )  # fmt: skip
    assert dump(small) == "kernel LIF\n  method exact: it is linear\n"
