"""What the models are asked: usages in Ratebook's meters, each token in one of them."""

from collections.abc import Iterator, Mapping
from typing import Final

PLAIN: Final[Mapping[str, Mapping[str, int]]] = {
    "plain": {"input": 1_000, "output": 500},
    "one token each": {"input": 1, "output": 1},
    "no output": {"input": 12_345},
    "no input": {"output": 6_789},
    "odd": {"input": 7_919, "output": 104_729},
    "cached": {"input": 1_000, "cache_read": 4_000, "output": 500},
    "all cached": {"cache_read": 4_096, "output": 12},
    "mostly cached": {"input": 3, "cache_read": 50_000, "output": 1_234},
    "cache write": {"input": 1_000, "cache_write": 2_000, "output": 500},
    "all written": {"cache_write": 2_048, "output": 1},
    "cache write 1h": {"input": 1_000, "cache_write_1h": 3_000, "output": 500},
    "both writes": {"input": 7, "cache_write": 1_100, "cache_write_1h": 2_200, "output": 33},
    "read and write": {"input": 900, "cache_read": 5_000, "cache_write": 1_100, "output": 77},
    "read and both writes": {
        "input": 11,
        "cache_read": 5_000,
        "cache_write": 1_100,
        "cache_write_1h": 600,
        "output": 77,
    },
    "reasoning": {"input": 1_000, "output": 200, "reasoning": 3_000},
    "only reasoning": {"input": 10, "reasoning": 64},
    "cached and reasoning": {"input": 100, "cache_read": 900, "output": 10, "reasoning": 90},
}
MEDIA: Final[Mapping[str, Mapping[str, int]]] = {
    "input_audio": {"input": 100, "input_audio": 1_500, "output": 50},
    "output_audio": {"input": 100, "output": 50, "output_audio": 1_700},
    "input_image": {"input": 100, "input_image": 1_290, "output": 50},
    "output_image": {"input": 100, "output": 50, "output_image": 1_120},
    "input_video": {"input": 100, "input_video": 7_000, "output": 50},
    "output_video": {"input": 100, "output": 50, "output_video": 9_000},
    "cache_read_audio": {
        "input": 100,
        "input_audio": 300,
        "cache_read": 40,
        "cache_read_audio": 60,
        "output": 50,
    },
    "cache_read_image": {
        "input": 9,
        "input_image": 300,
        "cache_read": 40,
        "cache_read_image": 60,
        "output": 5,
    },
    "sound in and out": {"input": 10, "input_audio": 90, "output": 20, "output_audio": 80},
}


def around(threshold: int) -> Iterator[tuple[str, dict[str, int]]]:
    """Usages at, just below, just above and far above a threshold, and just above by each kind of input."""
    for name, tokens in (
        ("below", threshold - 1),
        ("at", threshold),
        ("above", threshold + 1),
        ("far above", threshold * 3),
    ):
        yield f"{name} threshold", {"input": tokens, "output": 1_000}
    yield "at threshold, cached", {"input": 100, "cache_read": threshold - 100, "output": 10}
    yield "above threshold, cached", {"input": 101, "cache_read": threshold - 100, "output": 10}
    yield "above threshold, written", {"input": 1, "cache_write": threshold, "output": 10}
    yield "above threshold, written 1h", {"input": 1, "cache_write_1h": threshold, "output": 10}
    yield "above threshold, reasoning", {"input": threshold + 5, "output": 10, "reasoning": 900}
    yield (
        "above threshold, all",
        {
            "input": threshold,
            "cache_read": 1_000,
            "cache_write": 2_000,
            "cache_write_1h": 3_000,
            "output": 400,
            "reasoning": 50,
        },
    )
