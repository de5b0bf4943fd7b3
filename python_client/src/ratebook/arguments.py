"""How arguments are sent to the API: what is left out, names, times, credits."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from ratebook.answers import is_of_a_provider, plain, usage_of
from ratebook.types import Model, usage_to_json


def given(**arguments: Any) -> dict[str, Any]:
    """The arguments that were given, so that the database's own defaults hold for the others."""
    return {name: value for name, value in arguments.items() if value is not None}


def model_name(model: str | UUID | Model) -> str:
    """What names a model: its id where it is one."""
    return str(model.id if isinstance(model, Model) else model)


def usage_argument(usage: Any, format: str | None) -> dict[str, Any]:  # noqa: A002 - the API's
    """A usage with its format, as JSON: meters, the object of a provider's SDK, or what was read from its JSON."""
    if usage is None:
        return given(format=format)
    if format is not None:
        return {"usage": usage if isinstance(usage, dict) else plain(usage), "format": format}
    if not is_of_a_provider(usage):
        return {"usage": usage_to_json(usage)}
    found = usage_of(usage)
    if found is None:
        raise TypeError(f"There is no usage in this {type(usage).__name__}.")
    return {"usage": found[0], "format": found[1]}


def raw_usage(format: str | None, raw: Any) -> dict[str, Any]:  # noqa: A002 - the API's
    """A provider's usage as JSON, with its format; the database sees what JSON without a format is."""
    if isinstance(raw, Mapping):
        return given(format=format, raw=raw if isinstance(raw, dict) else plain(raw))
    found = usage_of(raw)
    if found is None:
        raise TypeError(f"There is no usage in this {type(raw).__name__}.")
    usage, own = found
    own = format or own
    return given(format=None if own == "auto" else own, raw=usage)


def moment(at: datetime | None) -> str | None:
    """An aware time. Raises ValueError for one without a time zone."""
    if at is None:
        return None
    if at.tzinfo is None:
        raise ValueError("A time needs a time zone: datetime.now(UTC), for example.")
    return at.isoformat()


def span(duration: timedelta | None) -> str | None:
    """A duration, exactly, as PostgreSQL reads it."""
    return None if duration is None else f"{duration // timedelta(microseconds=1)} microseconds"


def credit_amount(amount: Decimal | int | None) -> str | None:
    """An amount of credits with every digit. Raises TypeError for a float: it has lost some already."""
    return _exact("Credits are", amount)


def exact_cost(amount: Decimal | int | None) -> str | None:
    """A cost in currency with every digit. Raises TypeError for a float."""
    return _exact("A cost is", amount)


def _exact(what: str, amount: Decimal | int | None) -> str | None:
    if amount is None:
        return None
    if isinstance(amount, bool) or not isinstance(amount, Decimal | int):
        raise TypeError(f"{what} Decimal or int, not {type(amount).__name__}: {amount!r}")
    return str(amount)
