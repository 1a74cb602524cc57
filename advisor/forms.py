"""The forms in which a suggestion is written; `advisor.writing` writes them, and the command line names them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

__all__ = ["FORMS", "Form", "Unsaid"]


class Form(NamedTuple):
    """A way to write a config: the dialect whose words it takes, and the format."""

    dialect: str
    format: str


class Unsaid(NamedTuple):
    """A value that a trainer's file cannot hold, or that was not put there, and why."""

    parameter: str
    value: Any
    why: str


#: What `--as` takes.
FORMS: Final[Mapping[str, Form]] = {
    "transformers": Form("transformers", "yaml"),
    "trl": Form("trl", "yaml"),
    "axolotl": Form("axolotl", "yaml"),
    "llamafactory": Form("llama_factory", "yaml"),
    "torchtune": Form("torchtune", "yaml"),
    "lightning": Form("lightning", "yaml"),
    "keras": Form("keras", "json"),
    "torch": Form("lightning", "torch"),
    "deepspeed": Form("deepspeed", "json"),
    "sklearn": Form("scikit_learn", "json"),
    "xgboost": Form("xgboost", "json"),
    "lightgbm": Form("lightgbm", "json"),
    "catboost": Form("catboost", "json"),
    "json": Form("generic", "json"),
    "yaml": Form("generic", "yaml"),
    "toml": Form("generic", "toml"),
}
