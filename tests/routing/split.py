"""Weighted rendezvous hashing, written from the comment of ratebook.split_score() and not from its code."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from decimal import Decimal


def draw(subject: str, feature_id: str, model_id: str) -> float:
    """The number u of a model for a subject, between 0 and 1."""
    text = f"{subject} {feature_id} {model_id}"
    digits = hashlib.sha256(text.encode()).hexdigest()[:13]
    return (int(digits, 16) + 0.5) / 2**52


def order(subject: str, feature_id: str, weights: Mapping[str, Decimal | float]) -> list[str]:
    """The models (ids) in the order in which a subject tries them; a weight of 0 receives nothing."""
    scored = [
        (-math.log(draw(subject, feature_id, model)) / float(weight), model)
        for model, weight in weights.items()
        if weight > 0
    ]
    return [model for _, model in sorted(scored)]


def chi_square(counts: Sequence[int], weights: Sequence[float]) -> float:
    """How far counts are from what weights make one expect."""
    expected = [sum(counts) * weight / sum(weights) for weight in weights]
    return sum((c - e) ** 2 / e for c, e in zip(counts, expected, strict=True))
