"""`hpadvise scale`: a moved learning rate with its arithmetic and its limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from advisor.report import Look
from advisor.report.json import dumps
from advisor.report.page import Page, Section, render
from advisor.report.plain import plain
from advisor.report.words import number

if TYPE_CHECKING:
    from advisor.scale import Scaling

SCHEMA = "hpadvise/scaling/1"


def render_text(lr: float, moved: Scaling, look: Look) -> Iterator[str]:
    """The new rate, how it was computed, and one line for each limit that the move touches."""
    rows = []
    if moved.learning_rate_range is not None:
        rows.append(("learning_rate", number(moved.learning_rate), _within(moved.learning_rate_range)))
    if moved.weight_decay is not None:
        rows.append(("weight_decay", number(moved.weight_decay), _within(moved.weight_decay_range)))
    if moved.betas is not None:
        rows += [(name, number(beta), "") for name, beta in zip(("beta1", "beta2"), moved.betas, strict=True)]
    if moved.epsilon is not None:
        rows.append(("epsilon", number(moved.epsilon), ""))
    sections = [
        Section("", rows=rows),
        Section("How", rows=[("rule", moved.rule), ("arithmetic", moved.arithmetic)]),
        Section("Advice", rows=[("-", advice) for advice in moved.advice]),
        Section("Source", paragraphs=moved.sources),
    ]
    yield from render([Page(f"Learning rate {number(lr)} becomes {number(moved.learning_rate)}", sections)], look)


def _within(ends: tuple[float, float] | None) -> str:
    return "" if ends is None or ends[0] == ends[1] else f"{number(ends[0])} to {number(ends[1])}"


def render_json(lr: float, moved: Scaling, _look: Look) -> Iterator[str]:
    """One document; absent parts are null."""
    record = {
        "learning_rate": moved.learning_rate,
        "factor": moved.factor,
        "rule": moved.rule,
        "arithmetic": moved.arithmetic,
        "advice": moved.advice,
        "sources": moved.sources,
        "betas": moved.betas,
        "epsilon": moved.epsilon,
        "learning_rate_range": moved.learning_rate_range,
        "weight_decay": moved.weight_decay,
        "weight_decay_range": moved.weight_decay_range,
    }
    yield dumps({"schema": SCHEMA, "from": {"learning_rate": plain(lr)}, **{k: plain(v) for k, v in record.items()}})
