"""Rules whose condition looks at every key: types, hard bounds, duplicates, unknown and renamed keys, contradictions.

Each function takes a `Case` and gives `Hit`s; severity, texts and sources are in the rule's record like those of any
other rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.builtin.common import Case, Hit
from advisor.builtin.darknet import detection_filters
from advisor.builtin.keys import (
    companion_mismatch,
    conflicting_values,
    duplicate_key,
    irregular,
    renamed_key,
    unknown_key,
)
from advisor.builtin.monitors import monitored_direction
from advisor.builtin.searches import impossible_space, linear_space, thin_budget
from advisor.builtin.values import (
    boolean_as_text,
    hard_bound,
    misspelt_value,
    not_a_number,
    not_an_integer,
    not_finite,
    number_as_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["REGISTRY", "Case", "Hit"]

REGISTRY: dict[str, Callable[[Case], Iterator[Hit]]] = {
    "hard-bound": hard_bound,
    "not-finite": not_finite,
    "not-a-number": not_a_number,
    "not-an-integer": not_an_integer,
    "irregular": irregular,
    "number-as-text": number_as_text,
    "boolean-as-text": boolean_as_text,
    "misspelt-value": misspelt_value,
    "duplicate-key": duplicate_key,
    "conflicting-values": conflicting_values,
    "companion-mismatch": companion_mismatch,
    "unknown-key": unknown_key,
    "renamed-key": renamed_key,
    "monitored-direction": monitored_direction,
    "detection-filters": detection_filters,
    "impossible-space": impossible_space,
    "linear-space": linear_space,
    "thin-budget": thin_budget,
}
