"""An interval of 80 % holds what comes in four of five cases: histories by chance, through the rule in the database.

RATEBOOK_HISTORIES=1000 asks for that many of each kind, and prints how many were held.
"""

from __future__ import annotations

import math
import os
import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import psycopg
import pytest

HISTORIES = int(os.environ.get("RATEBOOK_HISTORIES", "60"))
# Of few histories a share may be off by chance: four standard deviations.
LEAST, MOST = (0.75, 0.85) if HISTORIES >= 400 else (0.8 - 4 * 0.4 / HISTORIES**0.5, 1.0)
FORECAST = "select f.low, f.high from ratebook.forecast(%s, %s, 0.8) as f"


def flat(_: random.Random) -> Callable[[int], float]:
    return lambda _: 1


def growing(chance: random.Random) -> Callable[[int], float]:
    rate = chance.uniform(0.005, 0.03)
    return lambda day: math.exp(rate * day)


def weekly(chance: random.Random) -> Callable[[int], float]:
    days = [chance.lognormvariate(0, 0.1) for _ in range(7)]
    days[5] *= chance.uniform(0.1, 0.6)
    days[6] *= chance.uniform(0.1, 0.6)
    return lambda day: days[day % 7]


def amounts(chance: random.Random, shape: Callable[[int], float], days: int) -> list[Decimal]:
    """Level, shape and noise of one kind or another, as credits with three decimals."""
    level = math.exp(chance.uniform(math.log(5), math.log(50_000)))
    noise = chance.uniform(0.1, 0.5)
    skewed = chance.random() < 0.5
    drawn = (
        chance.lognormvariate(-(noise**2) / 2, noise)
        if skewed
        else chance.gammavariate(noise**-2, noise**2)
        for _ in range(days)
    )
    return [
        Decimal(f"{level * shape(day) * factor:.3f}") for day, factor in zip(range(days), drawn, strict=True)
    ]  # fmt: skip


@pytest.mark.parametrize("kind", [flat, growing, weekly])
def test_an_interval_holds_what_it_says(
    superuser: psycopg.Connection[Any], kind: Callable[[random.Random], Callable[[int], float]]
) -> None:
    chance = random.Random(f"{kind.__name__} {HISTORIES}")
    held = below = 0
    for _ in range(HISTORIES):
        history, ahead = chance.randint(28, 91), chance.randint(1, 31)
        days = amounts(chance, kind(chance), history + ahead)
        row = superuser.execute(FORECAST, [days[:history], ahead]).fetchone()
        assert row is not None
        low, high = row
        truth = sum(days[history:])
        held += low <= truth <= high
        below += truth < low
    share = held / HISTORIES
    print(f"{kind.__name__}: {held} of {HISTORIES} held, {100 * share:.1f} %; {below} were below")
    assert LEAST <= share <= MOST
