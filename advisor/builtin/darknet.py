"""Darknet's network descriptions: layers that must agree with each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from advisor.builtin.common import Case, Hit, place_at
from advisor.document import format_key
from advisor.findings import Edit, Expected, Fix

if TYPE_CHECKING:
    from advisor.document import Document, KeyPath


def detection_filters(case: Case) -> Iterator[Hit]:
    """Darknet's detection layers, each behind a convolution that must have a channel for every number it predicts."""
    for part in case.setup.parts:
        document = part.document
        if document.format == "ini" and isinstance(document.data, dict):
            before = _sections(document, "convolutional")
            for head, kind in [(s, k) for k in ("yolo", "region") for s in _sections(document, k)]:
                behind = [section for section in before if section.start < head.start]
                wanted = _predictions(head.data, kind)
                if behind and wanted is not None:
                    yield from _filters_hit(document, behind[-1], wanted, head.data)


@dataclass(frozen=True)
class _Section:
    """A section of an INI file that may occur many times: its key, its entries, and where its first entry stands."""

    key: KeyPath
    data: dict[str, Any]
    start: int


def _sections(document: Document, name: str) -> list[_Section]:
    found = document.data.get(name)
    many = [((name, i), item) for i, item in enumerate(found)] if isinstance(found, list) else [((name,), found)]
    out = []
    for key, data in many:
        span = document.span((*key, next(iter(data)))) if isinstance(data, dict) and data else None
        if span is not None:
            out.append(_Section(key, data, span.start))
    return out


def _predictions(head: dict[str, Any], kind: str) -> int | None:
    """Numbers that a detection layer predicts at each place: box, objectness and classes, for each of its anchors."""
    classes, mask = head.get("classes"), head.get("mask")
    anchors = head.get("num") if kind == "region" or mask is None else len(mask) if isinstance(mask, list) else 1
    if not isinstance(classes, int) or not isinstance(anchors, int):
        return None
    return anchors * (classes + 5)


def _filters_hit(document: Document, section: _Section, wanted: int, head: dict[str, Any]) -> Iterator[Hit]:
    filters = section.data.get("filters")
    if isinstance(filters, int) and filters != wanted:
        key = (*section.key, "filters")
        yield Hit(
            message=f"{filters} filters before a detection layer of {head['classes']} classes, which needs {wanted}",
            parameters=("num_classes",),
            place=place_at(document, key, document.span(key)),
            value=filters,
            expected=Expected(relation="filters = anchors x (classes + 5)"),
            fix=Fix("unsafe", (Edit(document.name, format_key(key), "set", wanted),)),
            advice=f"set `filters={wanted}` in the convolution before it: anchors x (classes + 5)",
        )
