"""The data of the studies: what scikit-learn and Python's own documentation bring along; nothing is downloaded.

`seed` chooses what is held out, one part in four. Features and continuous targets are standardised by the training
part. What the advisor is told of the data is read off the data.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any


@dataclass(frozen=True)
class Data:
    """Inputs and targets to train on and to score with, and the facts about them."""

    train: tuple[Any, Any]
    held_out: tuple[Any, Any]
    facts: dict[str, Any]


def _table(name: str) -> tuple[Any, Any, bool]:
    """Features, targets, and whether these are classes."""
    from sklearn import datasets

    if name == "friedman":  # the first of Friedman's three test functions, with half of its features irrelevant
        return *datasets.make_friedman1(n_samples=2000, n_features=10, noise=1.0, random_state=0), False
    loaded = getattr(datasets, f"load_{name}")()
    return loaded.data, loaded.target, hasattr(loaded, "target_names")


@lru_cache(maxsize=4)
def table(name: str, seed: int) -> Data:
    """One of scikit-learn's tables."""
    from sklearn.model_selection import train_test_split

    features, targets, classes = _table(name)
    parts = train_test_split(
        features, targets, test_size=0.25, random_state=seed, stratify=targets if classes else None
    )
    inputs, held_inputs, outputs, held_outputs = parts
    centre, spread = inputs.mean(0), inputs.std(0)
    spread[spread == 0] = 1
    inputs, held_inputs = (inputs - centre) / spread, (held_inputs - centre) / spread
    facts = {"dataset_size": len(inputs), "n_features": inputs.shape[1], "task": "classification"}
    if classes:
        facts["n_classes"] = len(set(outputs.tolist()))
    else:
        facts["task"] = "regression"
        centre, spread = outputs.mean(), outputs.std()
        outputs, held_outputs = (outputs - centre) / spread, (held_outputs - centre) / spread
    return Data((inputs, outputs), (held_inputs, held_outputs), facts)


@lru_cache(maxsize=4)
def images(seed: int) -> Data:
    """The digits, as images of 8 x 8 with one channel, from 0 to 1."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    digits = load_digits()
    pictures, labels = digits.images[:, None] / 16, digits.target
    parts = train_test_split(pictures, labels, test_size=0.25, random_state=seed, stratify=labels)
    facts = {"dataset_size": len(parts[0]), "n_classes": 10, "task": "classification"}
    return Data((parts[0], parts[2]), (parts[1], parts[3]), facts)


@lru_cache(maxsize=4)
def pixels(seed: int) -> Data:
    """The digits without their labels, as rows of 64 numbers from 0 to 1."""
    pictures = images(seed)
    train, held_out = (inputs.reshape(len(inputs), -1) for inputs, _ in (pictures.train, pictures.held_out))
    return Data((train, train), (held_out, held_out), {"dataset_size": len(train), "n_features": 64})


@lru_cache(maxsize=4)
def text(seed: int, tokens: int, length: int) -> Data:
    """The help texts of Python's own documentation, letter by letter: each sequence is seen once, in random order."""
    from pydoc_data.topics import topics

    import numpy as np

    letters = "\n".join(topics[name] for name in sorted(topics))
    known = {letter: number for number, letter in enumerate(sorted(set(letters)))}
    stream = np.array([known[letter] for letter in letters], dtype=np.int64)
    count = (len(stream) - 1) // length
    starts = np.random.default_rng(seed).permutation(count) * length
    sequences = stream[starts[:, None] + np.arange(length + 1)]
    held = min(count // 4, 500)
    train = sequences[held : held + tokens // length]
    facts = {"dataset_size": len(train), "n_tokens": train.size - len(train), "vocab_size": len(known)}
    return Data((train[:, :-1], train[:, 1:]), (sequences[:held, :-1], sequences[:held, 1:]), facts)
