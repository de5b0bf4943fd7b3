"""Who may do what with a table, in words, from its grants and policies."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tools.reference.catalog import Json

VERBS = {"select": "read", "insert": "create", "update": "change", "delete": "delete"}
ROLES = {
    "anon": "anon",
    "signed in": "authenticated",
    # A signed-in user of whom ratebook.is_admin() is true.
    "admin": "authenticated",
    "service_role": "service_role",
}
# Bits of pg_relation_is_updatable().
_UPDATABLE = {"update": 4, "insert": 8, "delete": 16}
# Functions that a reader of the API cannot see, in words.
WORDS = {
    "ratebook.clock()": "now",
    "ratebook.uuid_v7()": "a new UUIDv7",
    "ratebook.uuid_v7_time(id)": "the time in id",
    "gen_random_uuid()": "a new UUID",
    "ratebook.uid()": "the caller's id",
    "ratebook.is_admin()": "the caller is an admin",
}
_VISIBLE_MODEL = r"NOT \((\w+) IN \( SELECT h\.id FROM ratebook\.hidden_models\(\) h\(id\)\)\)"
# What policies ask of a row, in words.
_CONDITIONS = {
    r"(\w+) = ratebook\.uid\(\)": r"own (`\1`)",
    _VISIBLE_MODEL: r"`\1` names a model that they may read",
    r"EXISTS \( SELECT FROM (\S+) \w+ WHERE \(\w+\.\w+ = \w+\.(\w+)\)\)": (
        r"`\2` names a row of \1 that they may read"
    ),
}


@dataclass(frozen=True)
class Rows:
    """The rows that a policy opens to one kind of caller: none (words is None), all, or those of a condition."""

    words: str | None

    def __bool__(self) -> bool:
        return self.words is not None


NONE, ALL = Rows(None), Rows("all")


def access(relation: Json, role: str, verb: str) -> Rows:
    """Which rows a kind of caller (a key of ROLES) may read, create, change or delete."""
    if not relation["access"][ROLES[role]][verb]:
        return NONE
    if relation["kind"] != "table":
        return _of_view(relation, role, verb)
    if role == "service_role" or not relation["row_security"]:
        return ALL
    permissive: list[Rows] = []
    restrictive: list[Rows] = []
    for policy in relation["policies"]:
        if policy["verb"] in (verb, "all") and {ROLES[role], "public"} & set(policy["roles"]):
            expression = policy["check" if verb == "insert" else "using"] or policy["using"]
            rows = permissive if policy["permissive"] else restrictive
            rows.append(_rows(expression, role == "admin"))
    return _all([_any(permissive), *restrictive])


def _of_view(relation: Json, role: str, verb: str) -> Rows:
    if verb != "select" and not relation["writable"] & _UPDATABLE[verb]:
        return NONE
    if any(
        re.search(rf" INSTEAD OF .*\b{verb.upper()}\b.* ON ", t["definition"])
        for t in relation["triggers"]
    ):
        return Rows("as the trigger below allows")
    if relation["fenced"] and (role in ("admin", "service_role") or not relation["reads"]):
        return ALL if role in ("admin", "service_role") else NONE
    tables = " and ".join(relation["reads"])
    allow = "allows" if len(relation["reads"]) == 1 else "allow"
    return Rows(f"as {tables} {allow}") if relation["invoker"] and tables else ALL


def column_limits(relation: Json) -> list[tuple[list[str], str, list[str]]]:
    """(database roles, verb, columns) wherever a grant is for some columns only."""
    found: dict[tuple[str, ...], list[str]] = {}
    for verb in VERBS:
        for role in dict.fromkeys(ROLES.values()):
            columns = relation["access"][role][verb]
            if columns and columns is not True:
                found.setdefault((verb, *columns), []).append(role)
    return [(roles, verb, columns) for (verb, *columns), roles in found.items()]


def worded(expression: str) -> str:
    """An expression of the catalog without casts, and with words for functions that a reader cannot see."""
    text = re.sub(_VISIBLE_MODEL, r"\1 is not hidden", _one_line(expression))
    for function, words in WORDS.items():
        text = text.replace(function, words)
    text = re.sub(r"\((\w+)\)(?=::)", r"\1", text.replace("ratebook.", ""))
    text = re.sub(r"::[a-z][\w.]*(?: with(?:out)? time zone)?(?:\[\])?", "", text)
    text = re.sub(r"(?<= )\('?(-?[\d.]+)'?\)", r"\1", text)
    return unwrapped(text)


def unwrapped(text: str) -> str:
    """An expression without the parentheses around the whole of it."""
    while text.startswith("(") and _closing(text) == len(text) - 1:
        text = text[1:-1].strip()
    return text


def _rows(expression: str, is_admin: bool) -> Rows:
    text = unwrapped(_one_line(expression))
    if len(parts := _operands(text, " OR ")) > 1:
        return _any(_rows(part, is_admin) for part in parts)
    if len(parts := _operands(text, " AND ")) > 1:
        return _all(_rows(part, is_admin) for part in parts)
    constants = {"true": ALL, "ratebook.is_admin()": ALL if is_admin else NONE}
    if text in constants:
        return constants[text]
    for pattern, words in _CONDITIONS.items():
        if found := re.fullmatch(pattern, text):
            return Rows(found.expand(words))
    return Rows(f"`{worded(text)}`")


def _one_line(expression: str) -> str:
    """Without line breaks, and without the subquery that has PostgreSQL call a function once."""
    return re.sub(r"\( SELECT ([\w.]+\(\)) AS \w+\)", r"\1", " ".join(expression.split()))


def _any(rows: Iterable[Rows]) -> Rows:
    open_rows = [row for row in rows if row]
    return ALL if ALL in open_rows else _joined(open_rows, ", or ")


def _all(rows: Iterable[Rows]) -> Rows:
    every = list(rows)
    if not all(every):
        return NONE
    return _joined([row for row in every if row != ALL], " and ") or ALL


def _joined(rows: list[Rows], word: str) -> Rows:
    words = dict.fromkeys(row.words for row in rows if row.words)
    return Rows(word.join(words)) if words else NONE


def _closing(text: str) -> int:
    """Where the first parenthesis closes."""
    depth = 0
    for position, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return position
    return -1


def _operands(text: str, operator: str) -> list[str]:
    """The operands of an operator that stands outside of all parentheses."""
    parts, depth, start = [], 0, 0
    for position, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0 and text.startswith(operator, position):
            parts.append(text[start:position])
            start = position + len(operator)
    return [*parts, text[start:]]
