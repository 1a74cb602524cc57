"""Gin files: bindings, scopes, references and macros."""

from __future__ import annotations

import pytest

from advisor.document import Document
from advisor.reading import ReadingError, read_bytes


def gin(text: str) -> Document:
    return read_bytes(text.encode(), "x.gin")[0]


def test_bindings_scopes_references_and_macros() -> None:
    document = gin(
        "# a comment with a / and an @\n"
        "import some.module\n"
        "include 'base.gin'\n"
        "RATE = 3e-4\n"
        "Agent.optimizer = 'ad/am'\n"
        "train/create_optimizer.learning_rate = %RATE\n"
        "Agent.network = @networks.Deep\n"
        "Runner.sizes = [1, 2]\n"
    )
    assert document.format == "gin"
    assert document.data == {
        "RATE": 3e-4,
        "Agent": {"optimizer": "ad/am", "network": "${networks.Deep}"},
        "train": {"create_optimizer": {"learning_rate": 3e-4}},
        "Runner": {"sizes": [1, 2]},
    }
    span = document.span(("train", "create_optimizer", "learning_rate"))
    assert span is not None and (span.line, span.column) == (6, 41)


def test_what_is_no_gin_is_said_to_be_none() -> None:
    with pytest.raises(ReadingError, match="not valid gin") as caught:
        gin("Agent.gamma = = 1\n")
    assert (caught.value.line, caught.value.column) == (1, 15)
