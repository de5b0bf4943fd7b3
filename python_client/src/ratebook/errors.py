"""The one exception tree of the package, and the one place where an answer of the API becomes one of them."""
# ruff: noqa: N818 - what the API refuses reads as a fact: `except NotFound`

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any


class RatebookError(Exception):
    """Anything that Ratebook refuses or fails to do; the text is one sentence for a person.

    `details` holds what a person may want to see below that sentence, such as the end of a log;
    `exit_code` is what the command line exits with.
    """

    exit_code = 1

    def __init__(self, message: str, details: str = "") -> None:
        super().__init__(message)
        self.details = details


class UnreachableError(RatebookError):
    """A database that does not answer, or refuses the connection."""

    exit_code = 2


class NotConfigured(RatebookError):
    """No URL or key to ask with."""

    exit_code = 2


class ConnectionFailed(RatebookError):
    """The API does not answer: no such host, connection refused, a timeout, a broken answer, a database that it lost.

    A write that was sent may have taken effect: send it again with the same key.
    """


class ApiError(RatebookError):
    """What the API refused, with PostgREST's own `code`, `message` and `hint`.

    `detail` is the DETAIL of Ratebook's own errors, parsed, and `error` its stable token, such as "unknown_model":
    programs look at that. Both are empty for errors that Ratebook did not raise.
    """

    def __init__(
        self,
        message: str,
        details: str = "",
        *,
        code: str = "",
        hint: str = "",
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message, details)
        self.message = message
        self.code = code
        self.hint = hint
        self.detail: dict[str, Any] = dict(detail or {})

    @property
    def error(self) -> str:
        """The stable token of one of Ratebook's own errors, else empty."""
        return str(self.detail.get("error", ""))

    def __str__(self) -> str:
        code = f"({self.code})" if self.code else ""
        return " ".join(filter(None, [self.message, code, self.hint]))


class NotFound(ApiError):
    """The name means nothing, or nothing that the caller may know of (PT404)."""


class Conflict(ApiError):
    """More than one meaning, the wrong state, or a key that is taken or missing (PT409, 23505, 23503)."""


class UnusableUsage(ApiError):
    """The usage or another argument cannot be priced (PT422)."""


class NotAllowed(ApiError):
    """Not the caller's to see or do, or the key is not accepted (42501, HTTP 401 and 403)."""


class ReadOnly(ApiError):
    """The database is a replica, which only reads; nothing was written: ask the primary (0A000, 25006)."""


class InsufficientCredits(ApiError):
    """The account does not cover it (PT402). Amounts are in credits."""

    @property
    def balance(self) -> Decimal:
        """What is posted to the account."""
        return Decimal(self.detail["balance"])

    @property
    def held(self) -> Decimal:
        """What open holds keep back of it."""
        return Decimal(self.detail["held"])

    @property
    def needed(self) -> Decimal:
        """What was asked for."""
        return Decimal(self.detail["needed"])


class BudgetExceeded(ApiError):
    """A hard budget, or a member's limit, is reached (PT402). Amounts are in credits."""

    @property
    def limit(self) -> Decimal:
        """The limit."""
        return Decimal(self.detail["limit"])

    @property
    def needed(self) -> Decimal:
        """What would be spent, with what is spent and held already."""
        return Decimal(self.detail["needed"])


class IdempotencyConflict(Conflict):
    """The key, or the event behind a grant, was used for another request (PT409)."""


_BY_ERROR: dict[str, type[ApiError]] = {
    "budget_exceeded": BudgetExceeded,
    "member_limit_exceeded": BudgetExceeded,
    "idempotency_conflict": IdempotencyConflict,
}
_BY_CODE: dict[str, type[ApiError]] = {
    "PT402": InsufficientCredits,
    "PT404": NotFound,
    "PT409": Conflict,
    "23503": Conflict,
    "23505": Conflict,
    "PT422": UnusableUsage,
    "0A000": ReadOnly,  # of a transaction that is to write, on a standby
    "25006": ReadOnly,
    "42501": NotAllowed,
    "401": NotAllowed,  # a gateway's own, without a PostgREST body
    "403": NotAllowed,
    "PGRST301": NotAllowed,  # the token is expired or not signed with the server's secret
    "PGRST302": NotAllowed,  # no anonymous access
    "PGRST303": NotAllowed,  # the token's claims are refused
}


def api_error(message: str, *, code: str = "", hint: str = "", details: object = None) -> ApiError:
    """The error for the four fields of a PostgREST error; `details` may be JSON, text or nothing."""
    detail, text = _parse(details)
    kind = _BY_ERROR.get(str(detail.get("error"))) or _BY_CODE.get(code, ApiError)
    return kind(message, text, code=code, hint=hint, detail=detail)


# A gateway's own 5xx; accounts that are moving or away, a month that is being made; PostgREST without a database;
# PostgreSQL that drops connections, is full, restarts or rolls back one of two transactions that wait for each other.
_PASSING = re.compile(r"5\d\d|PT503|PGRST00[0-3]|(08|40|53)...|57P0[1-3]")


def is_passing(code: str | None, message: str | None) -> bool:
    """Whether the same request may well succeed in a moment."""
    return says_nothing(code, message) or _PASSING.fullmatch(code or "") is not None


def says_nothing(code: str | None, message: str | None) -> bool:
    """Whether an error is PostgREST's for a connection to the database that broke, at COMMIT for example (HTTP 400).

    What was asked may have taken effect, and mostly has.
    """
    return not code and not message


@contextmanager
def translated() -> Iterator[None]:
    """Raise what the client libraries raise inside as one of the errors here."""
    import httpx
    import postgrest
    import pydantic

    try:
        yield
    except postgrest.APIError as error:
        if says_nothing(error.code, error.message):
            raise ConnectionFailed(
                "The API lost its database during the request; whether it took effect is not known."
            ) from error
        raise api_error(
            error.message or "The API refused the request.",
            code=error.code or "",
            hint=error.hint or "",
            details=error.details,
        ) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ConnectionFailed(
            f"The API does not answer: {str(error) or type(error).__name__}"
        ) from error
    except pydantic.ValidationError as error:
        raise ApiError(
            "The answer is not one of Ratebook's API.",
            hint="Check the URL, and that the versions of schema and client fit.",
        ) from error


def _parse(details: object) -> tuple[dict[str, Any], str]:
    """DETAIL as facts for a program, and as text for a person where it says more than the message."""
    if not isinstance(details, str):
        return {}, ""
    try:
        parsed = json.loads(details)
    except ValueError:
        is_a_page = details.lstrip().startswith("<")  # of a proxy, not of PostgREST
        return {}, "" if is_a_page else details
    if not isinstance(parsed, dict):
        return {}, details
    candidates = parsed.get("candidates")
    text = f"Candidates: {', '.join(map(str, candidates))}" if isinstance(candidates, list) else ""
    return parsed, text
