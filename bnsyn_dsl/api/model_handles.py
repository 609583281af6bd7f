"""Models in Python: a handle for each of the library, of own texts, of compiled modules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import ModuleType

from bnsyn_dsl import registry
from bnsyn_dsl.api.loading import read_items
from bnsyn_dsl.api.quantities import wrong
from bnsyn_dsl.diagnostics import DiagnosticLog, SourceFile, Span
from bnsyn_dsl.resources import models_directory
from bnsyn_dsl.semantics.expression import Const
from bnsyn_dsl.semantics.expression_text import expression_text
from bnsyn_dsl.semantics.library import Library
from bnsyn_dsl.semantics.model import Declared, Model
from bnsyn_dsl.semantics.quantity_text import quantity_text
from bnsyn_dsl.semantics.scope import suggestion
from bnsyn_dsl.semantics.spike_source import SPIKE_SOURCE, spike_source_model
from bnsyn_dsl.semantics.units import format_dimension
from bnsyn_dsl.syntax import nodes

__all__ = ["ModelHandle", "Parameter", "as_handle", "library_names", "load_model"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter, input or state of a model: its default as text, its unit, its description."""

    name: str
    default: str | None
    unit: str
    description: str | None


@dataclass(frozen=True, kw_only=True, eq=False)
class ModelHandle:
    """A model by name, with the values it is to have.

    `items` are its own blocks, empty for a model of the library; `settings` what it was called
    with: `bns.models.PairSTDP(w_max="10 pA")`.
    """

    name: str
    items: tuple[nodes.TopLevel, ...] = field(default=(), repr=False)
    settings: Mapping[str, object] = field(default_factory=dict)

    def __call__(self, **settings: object) -> ModelHandle:
        """Return the model with values for parameters, initial states and inputs.

        Raises:
            BnsError: it has no such name.
        """
        model = self.model
        known = [d.name for d in (*model.parameters, *model.inputs, *model.states)]
        for name in settings:
            if name not in known and "." not in name:  # a port or a state of a receptor has a dot
                hint = suggestion(name, known) or f"there are: {', '.join(known) or 'none'}"
                raise wrong(f"`{self.name}` has no `{name}`", code="BN463", help=hint)
        return replace(self, settings={**self.settings, **settings})

    @cached_property
    def model(self) -> Model:
        """The checked block.

        Raises:
            BnsError: something in it is wrong.
        """
        if self.name == SPIKE_SOURCE and not self.items:
            return spike_source_model()
        log, span = DiagnosticLog(), _nowhere(self.name)
        library = _library(self.items, log)
        found = library.model(self.name, span)
        log.stop_on_errors()
        assert found is not None
        return found

    @property
    def docstring(self) -> str:
        """The text between the triple quotes."""
        return self.model.docstring

    @property
    def kind(self) -> str:
        """`neuron`, `synapse`, `plasticity` or `modulator`."""
        return self.model.kind

    @property
    def parameters(self) -> dict[str, Parameter]:
        """The parameters by name, in the order of the text."""
        return _described(self.model.parameters)

    @property
    def inputs(self) -> dict[str, Parameter]:
        """The inputs by name."""
        return _described(self.model.inputs)

    @property
    def states(self) -> dict[str, Parameter]:
        """The states by name; the default is the initial value."""
        return _described(self.model.states)


def load_model(source: str | Path, name: str | None = None) -> ModelHandle:
    """Return a model of a file, or of text (anything with a line end); one block needs no name.

    Raises:
        BnsError: it cannot be read or parsed, has no such block, or several and none is named.
    """
    file, directory = read_items(source)
    items = tuple(_absolute(item, directory) for item in file.items)
    blocks = [b.name for b in items if isinstance(b, nodes.Block)]
    if name is None and not blocks:
        raise wrong("this text has no neuron, synapse or other model", code="BN463")
    if name is None and len(blocks) > 1:
        names = ", ".join(f"`{b}`" for b in blocks)
        hint = f'name the one that is meant: `bns.load_model(source, "{blocks[-1]}")`'
        raise wrong(f"this text has several models: {names}", code="BN610", help=hint)
    chosen = blocks[0] if name is None else name
    if chosen not in blocks:
        known = ", ".join(blocks) or "none"
        hint = suggestion(chosen, blocks) or f"there are: {known}"
        raise wrong(f"this text has no block `{chosen}`", code="BN463", help=hint)
    kept = tuple(i for i in items if not isinstance(i, nodes.Network))
    return ModelHandle(name=chosen, items=kept)


def as_handle(model: object) -> ModelHandle:
    """Return the handle of a handle, a name, or a module that `bnsyn compile` made."""
    if isinstance(model, ModelHandle):
        return model
    if isinstance(model, str):
        return load_model(model) if "\n" in model else ModelHandle(name=model)
    if isinstance(model, ModuleType):
        text, name = getattr(model, "SOURCE", None), getattr(model, "MODEL", None)
        if isinstance(text, str) and isinstance(name, str):
            return load_model(f"{text}\n", name)
        if hasattr(model, "ARGUMENTS") or hasattr(model, "RECEPTORS"):
            hint = "`bnsyn compile FILE --model NAME -o DIR` makes the module of a neuron"
            raise wrong(f"the module `{model.__name__}` is a part of a network", help=hint)
        raise wrong(f"the module `{model.__name__}` was not made by `bnsyn compile`")
    raise wrong(f"a model is a name, a handle or a compiled module, found {model!r}")


def library_names() -> tuple[str, ...]:
    """Return the name of every model of the library."""
    return _library((), DiagnosticLog()).names()


def _library(items: tuple[nodes.TopLevel, ...], log: DiagnosticLog) -> Library:
    file = nodes.File(items=items, span=_nowhere(""))
    dirs = (models_directory(), *registry.model_directories())
    return Library(file, directory=Path(), model_dirs=dirs, log=log)


def _nowhere(name: str) -> Span:
    source = SourceFile(name="Python", text=name)
    return Span(source=source, line=1, column=1, end_line=1, end_column=1 + len(name))


def _absolute(item: nodes.TopLevel, directory: Path | None) -> nodes.TopLevel:
    if not isinstance(item, nodes.Import) or directory is None:
        return item
    return replace(item, path=str((directory / item.path).resolve()))


def _described(declared: tuple[Declared, ...]) -> dict[str, Parameter]:
    return {d.name: _parameter(d) for d in declared}


def _parameter(declared: Declared) -> Parameter:
    value = declared.value
    default = None if value is None else expression_text(value)
    if isinstance(value, Const):
        default = quantity_text(value.value, declared.dimension)
    return Parameter(
        name=declared.name,
        default=default,
        unit=format_dimension(declared.dimension),
        description=declared.description,
    )
