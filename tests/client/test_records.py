"""Every kind of answer as a dictionary, as JSON, and as rows of pandas and polars (where they are installed)."""

from __future__ import annotations

import dataclasses
import json
import types as python_types
import typing
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from ratebook import as_json, records, types

DIGITS = Decimal("123456.000000000000000000000000000001")
SAMPLES: dict[Any, Any] = {
    str: "x",
    int: 7,
    bool: True,
    float: 0.5,
    Decimal: DIGITS,
    UUID: UUID(int=1),
    datetime: datetime(2030, 1, 15, 12, tzinfo=UTC),
    date: date(2030, 1, 15),
    time: time(12, 30),
    Any: "anything",
    object: "anything",
}
KINDS = [
    kind
    for kind in vars(types).values()
    if dataclasses.is_dataclass(kind) and kind.__module__ == types.__name__
]


def sample(kind: Any, *, is_bare: bool = False) -> Any:
    """A value of a type; of one that may be missing, none where it is bare."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        return sample(arguments[0], is_bare=is_bare)
    if origin in (typing.Union, python_types.UnionType):
        return None if is_bare and type(None) in arguments else sample(arguments[0])
    if origin in (tuple, list):
        return () if is_bare else (sample(arguments[0]),)
    if origin is dict:
        return {} if is_bare else {"input": sample(arguments[1])}
    if dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind, include_extras=True)
        names = [field.name for field in dataclasses.fields(kind)]
        return typing.cast(Any, kind)(**{n: sample(hints[n], is_bare=is_bare) for n in names})
    return SAMPLES[kind]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_answer(kind: Any) -> None:
    full, bare = sample(kind), sample(kind, is_bare=True)
    assert set(dataclasses.asdict(full)) == {field.name for field in dataclasses.fields(kind)}
    for answer in (full, bare):
        text = json.dumps(answer, default=as_json)
        assert json.loads(text) == as_json(answer) == json.loads(json.dumps(as_json(answer)))
    assert json.loads(json.dumps([full, bare], default=as_json))[1] == as_json(bare)
    rows = records([full, bare])
    assert rows[0].keys() >= rows[1].keys() - {field.name for field in dataclasses.fields(kind)}
    (row,) = records(full)
    assert row == rows[0]
    for library in ("pandas", "polars"):
        try:
            frames: Any = __import__(library)
        except ImportError:
            continue
        frame = frames.DataFrame(rows)
        assert frame.shape[0] == 2
        assert list(frame.columns)[: len(row)] == list(row)
        for name, value in row.items():
            if isinstance(value, Decimal):
                assert frame[name][0] == DIGITS, "every digit"


def test_what_is_no_answer() -> None:
    with pytest.raises(TypeError):
        records([{"input": 1}])
    with pytest.raises(TypeError):
        json.dumps({"a": 1j}, default=as_json)
    assert as_json(
        types.Balance(posted=DIGITS, reserved=Decimal(0), available=DIGITS, debt=Decimal("1E+3"))
    ) == {
        "posted": "123456.000000000000000000000000000001",
        "reserved": "0",
        "available": "123456.000000000000000000000000000001",
        "debt": "1000",
        "upcoming": "0",
    }
