"""One renderer an engine; each is a function of a `Space` and of how the output looks, and yields pieces of text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING

from advisor.report import Look

if TYPE_CHECKING:
    from advisor.space import Space

#: The formats and the modules whose `render` writes them.
FORMATS = {
    "text": "advisor.report.spaces.text",
    "json": "advisor.report.spaces.json",
    "optuna": "advisor.report.spaces.optuna",
    "optuna-json": "advisor.report.spaces.distributions",
    "ray": "advisor.report.spaces.ray",
    "wandb": "advisor.report.spaces.wandb",
    "configspace": "advisor.report.spaces.configspace",
    "hydra": "advisor.report.spaces.hydra",
    "sklearn": "advisor.report.spaces.sklearn",
}

Renderer = Callable[["Space", Look], Iterator[str]]


def renderer(name: str) -> Renderer:
    """The renderer of a format of `FORMATS`."""
    render: Renderer = import_module(FORMATS[name]).render
    return render
