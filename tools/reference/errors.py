"""The errors that ratebook.fail() knows, with what raises them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tools.reference.catalog import Json, qualified

# SQLSTATE -> HTTP status, where the code itself does not say it. What no request meets has none.
_STATUS = {"42501": 403, "23505": 409}
_NO_REQUEST = 600
# How the comment of a function of the inside begins -> who meets its errors.
_COMMANDS = {
    "For migrations": "migrations",
    "For the way back": "`ratebook migrations down`",
    "For the owner of the schema, before a copy": "`ratebook restore`",
}


@dataclass(frozen=True)
class Disturbance:
    """What a client sees where the database or PostgREST is disturbed, rather than the request wrong."""

    code: str
    """Of the answer; empty where it has none."""
    status: int
    when: str
    effect: str
    """What has become of a write."""
    again: str
    """Whether and how to send the same request again."""
    passes: bool = True
    """Whether it may well succeed in a moment, as it is."""


_NOTHING = "nothing is written"
_UNKNOWN = "not known"
_SAME_KEY = "with the same key"
_IN_A_MOMENT = "in a moment"
# tests/api/test_disturbances.py makes each of them happen.
DISTURBANCES = (
    Disturbance(
        "",
        400,
        "`code` and `message` are empty: the connection to the database broke as the write was committed",
        "mostly written",
        _SAME_KEY,
    ),
    Disturbance(
        "PGRST001",
        503,
        "the connection to the database broke: the server restarts, or an administrator ended it",
        _UNKNOWN,
        _SAME_KEY,
    ),
    Disturbance(
        "57P01", 503, "the same, where the server still said so: it shuts down", _UNKNOWN, _SAME_KEY
    ),
    Disturbance("PGRST000", 503, "PostgREST reaches no database", _NOTHING, _IN_A_MOMENT),
    Disturbance(
        "PGRST002",
        503,
        "PostgREST cannot read the schema: it has just started, or the database is too busy",
        _NOTHING,
        _IN_A_MOMENT,
    ),
    Disturbance(
        "PGRST003",
        504,
        "no connection of PostgREST's pool became free in time",
        _NOTHING,
        "in a moment, and fewer at once",
    ),
    Disturbance("53300", 503, "the database takes no more connections", _NOTHING, _IN_A_MOMENT),
    Disturbance(
        "57014",
        500,
        "the statement took longer than the role's `statement_timeout`, or was cancelled",
        _NOTHING,
        "a write with the same key, if the database was busy; a question that is too large: ask for less",
        passes=False,
    ),
    Disturbance(
        "40P01",
        500,
        "two transactions waited for each other, and this one gave way",
        _NOTHING,
        "at once",
    ),
    Disturbance(
        "55P03",
        500,
        "a lock was not to be had within `lock_timeout`, beside a migration for example",
        _NOTHING,
        _IN_A_MOMENT,
        passes=False,
    ),
    Disturbance(
        "0A000",
        400,
        "a write reached a replica: `cannot set transaction read-write mode during recovery`",
        _NOTHING,
        "to the primary",
        passes=False,
    ),
    Disturbance(
        "25006",
        405,
        "GET on a function that writes, which is read only, on a replica or not",
        _NOTHING,
        "by POST, to the primary",
        passes=False,
    ),
)


def errors(catalog: Json) -> list[Json]:
    """Each token with its code, HTTP status and sentences, and with what names it; by status and name."""
    found = []
    for line in catalog["fail"].splitlines():
        if case := re.fullmatch(r"\s*when '(\w+)' then '(\w{5})'", line):
            token, code = case.groups()
            found.append(
                {
                    "token": token,
                    "code": code,
                    "status": int(code[2:])
                    if code.startswith("PT")
                    else _STATUS.get(code, _NO_REQUEST),
                    "messages": _messages(token, catalog),
                    "functions": [
                        f for f in catalog["functions"] if token in tokens_of(f, catalog)
                    ],
                    "relations": [
                        r
                        for r in catalog["relations"]
                        if any(token in _words(t["comment"]) for t in r["triggers"])
                    ],
                    "commands": sorted(
                        {
                            command
                            for comment in catalog["inside"].values()
                            for beginning, command in _COMMANDS.items()
                            if (comment or "").startswith(beginning)
                            and token in _words(split(comment)[1])
                        }
                    ),
                }
            )
    return sorted(found, key=lambda error: (error["status"], error["token"]))


def spelled_out(catalog: Json) -> Json:
    """The catalog, where comments name the errors of functions of schema ratebook instead of those functions."""
    known = re.findall(r"when '(\w+)' then", catalog["fail"])

    def named(function: str) -> str:
        _, errors = split(catalog["inside"].get(function))
        return ", ".join(word for word in re.findall(r"\w+", spelled(errors)) if word in known)

    def spelled(text: str | None) -> str:
        return re.sub(r"those of ratebook\.(\w+)\(\)", lambda m: named(m[1]), text or "")

    for thing in [*catalog["functions"], *(t for r in catalog["relations"] for t in r["triggers"])]:
        thing["comment"] = spelled(thing["comment"])
    return catalog


def tokens_of(function: Json, catalog: Json) -> set[str]:
    """The words after `Errors:` in a comment, with those of the functions that it names: `those of ai.find_model()`."""
    _, named = split(function["comment"])
    words = _words(named)
    for other in re.findall(r"\b[Tt]hose of (\w+\.\w+)\(\)", named):
        for there in catalog["functions"]:
            if qualified(there) == other:
                words |= tokens_of(there, catalog)
    return words


def split(comment: str | None) -> tuple[str, str]:
    """A function's comment in two: what it does, and its errors."""
    text = comment or ""
    found = re.search(r"(?:^| )Errors?(?:: |, (?=all))", text)
    return (text[: found.start()], text[found.end() :]) if found else (text, "")


def _words(text: str | None) -> set[str]:
    return set(re.findall(r"\w+", text or ""))


def _messages(token: str, catalog: Json) -> list[str]:
    """The sentences of a token, as they stand where it is raised; … is what differs."""
    pattern = rf"ratebook\.fail\(\s*'{token}',\s*(?:format\(\s*)?'((?:[^']|'')*)'"
    found = [text for source in catalog["sources"] for text in re.findall(pattern, source)]
    return [
        re.sub(r"%(?:\d+\$)?[sIL]", "…", text.replace("''", "'")) for text in dict.fromkeys(found)
    ]
