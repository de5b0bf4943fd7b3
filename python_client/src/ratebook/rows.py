"""Answers for programs: as JSON, and as rows for pandas and polars. `dataclasses.asdict()` takes them as they are.

json.dumps(answer, default=ratebook.as_json)
polars.DataFrame(ratebook.records(client.models()))
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, get_args, get_type_hints
from uuid import UUID


def as_json(answer: Any) -> Any:  # noqa: PLR0911 - one for each kind
    """An answer, or whatever is in one, as JSON has it: amounts are texts with every digit, times are ISO 8601.

    As `default=` of `json.dumps()` it does the same. Raises TypeError for what is in no answer.
    """
    if answer is None or isinstance(answer, str | int | float):
        return answer
    if isinstance(answer, Decimal):
        return format(answer, "f")
    if isinstance(answer, date | time):
        return answer.isoformat()
    if isinstance(answer, UUID | timedelta):
        return str(answer)
    if is_dataclass(answer) and not isinstance(answer, type):
        return {field.name: as_json(getattr(answer, field.name)) for field in fields(answer)}
    if isinstance(answer, Mapping):
        return {str(name): as_json(value) for name, value in answer.items()}
    if isinstance(answer, Iterable):
        return [as_json(item) for item in answer]
    raise TypeError(f"This is in no answer: {type(answer).__name__}.")


def records(answers: Iterable[Any] | Any) -> list[dict[str, Any]]:
    """One answer or many as flat rows, for `pandas.DataFrame()` and `polars.DataFrame()`.

    What is in an answer gets its name in front (`balance_available`), ids are texts, and what has fields of its own,
    such as a usage, is JSON text. Amounts stay `Decimal`, times aware datetimes. Raises TypeError for what is none.
    """
    many = [answers] if is_dataclass(answers) else answers
    return [_record(answer) for answer in many]


def _record(answer: Any) -> dict[str, Any]:
    if not is_dataclass(answer) or isinstance(answer, type):
        raise TypeError(f"This is no answer: {type(answer).__name__}.")
    row: dict[str, Any] = {}
    for field in fields(answer):
        value = getattr(answer, field.name)
        if is_dataclass(value):
            row |= {f"{field.name}_{name}": item for name, item in _record(value).items()}
        elif field.name in _with_fields(type(answer)):
            row[field.name] = json.dumps(as_json(value))
        else:
            row[field.name] = _cell(value)
    return row


@cache
def _with_fields(kind: type) -> frozenset[str]:
    """The fields that hold several answers, also where there is none in one."""
    hints = get_type_hints(kind)
    return frozenset(
        name for name, hint in hints.items() if any(is_dataclass(part) for part in get_args(hint))
    )


def _cell(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Mapping):
        return json.dumps(as_json(value))
    if isinstance(value, list | tuple):
        return [_cell(item) for item in value]
    return value
