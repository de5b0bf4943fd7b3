"""Every statement on an owner's rows names the lenser, so that one lenser's work touches one lenser's data.

`owner/an_id_under_two_owners_is_two_rows.test.sql` shows what an omission does; this reads the statements that no
call of a test reaches.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import pytest

from tools.project import REPOSITORY

# (file, function, alias) -> why the statement names no lenser.
EXCEPTIONS = {
    (
        "75_analytics/060_function_usage_facts.sql",
        "ratebook.usage_in_log",
        "*",
    ): "reads the log of everybody",
    (
        "80_execution/110_function_find_evaluation.sql",
        "ratebook.evaluation_owner",
        "*",
    ): "looks the owner up",
    (
        "80_execution/190_function_to_score.sql",
        "ratebook.to_score",
        "j",
    ): "a person judges for whichever lenser asked",
    ("60_wallet/185_function_owner_of.sql", "ratebook.owner_of", "*"): "looks the owner up",
    (
        "50_generations/020_function_finish_generation.sql",
        "ratebook.finish_generation",
        "g",
    ): "looks the owner up",
    (
        "60_wallet/230_function_grant_credits.sql",
        "ratebook.grant_credits",
        "g",
    ): "an event of the payment provider counts once, whoever it was for",
    (
        "60_wallet/335_function_revoke_grant.sql",
        "ratebook.revoke_grant",
        "r",
    ): "an event of the payment provider counts once, whoever it was for",
    (
        "60_wallet/260_function_count_spending.sql",
        "ratebook.spent",
        "m",
    ): "what a lenser spent from the accounts of others, whoever they are",
    (
        "60_wallet/260_function_count_spending.sql",
        "ratebook.count_locked",
        "h",
    ): "a budget is the spender's, and its holds are of whichever account",
    (
        "60_wallet/270_function_charge.sql",
        "ratebook.complete_generation",
        "c",
    ): "the charges of a generation, whoever paid",
    (
        "60_wallet/360_function_sweep_accounts.sql",
        "*",
        "*",
    ): "takes whatever is due or old, of everybody",
    (
        "60_wallet/390_function_purge.sql",
        "*",
        "*",
    ): "takes whatever is due or old, of everybody",
    (
        "60_wallet/380_functions_embedding.sql",
        "ai.charges",
        "c",
    ): "the charges of a generation, whoever paid: row security says which are the caller's",
    (
        "50_generations/060_function_cost_generations.sql",
        "ratebook.cost_generations",
        "g",
    ): "prices everybody's log of a period",
    (
        "60_wallet/361_function_asked.sql",
        "ratebook.asked",
        "*",
    ): "asks whose the accounts are",
} | {
    (
        f"60_wallet/{file}.sql",
        "*",
        "*",
    ): "reads all that is asked; its joins name the lenser, which the double of each row would show"
    for file in (
        "362_function_broken_accounts",
        "363_function_broken_lots",
        "365_function_broken_charges",
    )
}

_COMMENT = re.compile(r"--[^\n]*")
_LITERAL = re.compile(r"'(?:[^']|'')*'")
_MAKES = re.compile(r"^create (?:function ([\w.]+)|view)", re.MULTILINE)
_ROWS_OF = re.compile(
    r"\b(?:from|join|update)\s+(?:only\s+)?([a-z]\w*\.[a-z]\w*)(?:\s+as\s+(\w+))?"
)


def owner_tables(files: list[tuple[str, str]]) -> set[str]:
    """The tables whose primary key ends with the lenser, and the view over one of them."""
    made = re.findall(
        r"^create table (\w+\.\w+) \((?:(?!^\)).)*?_pkey primary key \([^)]*\blenser_id\)",
        "".join(text for _, text in files),
        re.MULTILINE | re.DOTALL,
    )
    return {*made, "ratebook.refunds"}


def statements(text: str) -> Iterator[tuple[str, str]]:
    """The statements of a file's functions, each with its function; a view is asked by its readers."""
    maker = ""
    for statement in re.split(r";|\bloop\b", _LITERAL.sub("''", _COMMENT.sub("", text))):
        if made := _MAKES.search(statement):
            maker = made[1] or ""
        if maker:
            yield maker, statement


def unnamed(text: str, tables: set[str]) -> Iterator[tuple[str, str]]:
    """Function and alias of each row of an owner that a statement asks for without its lenser."""
    for maker, statement in statements(text):
        asked = Counter(
            alias or table for table, alias in _ROWS_OF.findall(statement) if table in tables
        )
        for alias, times in asked.items():
            column = rf"\b{alias}\.lenser_id\b"
            named = re.findall(
                # What was found by its key before is found again by its place.
                rf"{column}\s+(?:=|is not distinct from)\s|(?:=|is not distinct from)\s+{column}|\b{alias}\.ctid = ",
                statement,
            )
            if len(named) < times:
                yield maker, alias


SQL = REPOSITORY / "sql"
FILES = [
    (path.relative_to(SQL).as_posix(), path.read_text()) for path in sorted(SQL.rglob("*.sql"))
]
TABLES = owner_tables(FILES)


def test_the_tables_of_owners_are_found() -> None:
    assert {"billing.accounts", "billing.charge_costs", "ai.generations", "media.objects"} <= TABLES
    assert "ai.models" not in TABLES
    assert "lensers.profiles" not in TABLES


def test_every_statement_names_the_lenser() -> None:
    unused = dict(EXCEPTIONS)
    found = []
    for path, text in FILES:
        for maker, alias in unnamed(text, TABLES):
            listed = {(path, maker, alias), (path, maker, "*"), (path, "*", "*")} & set(EXCEPTIONS)
            for exception in listed:
                unused.pop(exception, None)
            if not listed:
                found.append(f"sql/{path}: {maker} asks for {alias} without its lenser.")
    assert not found, "\n".join(["", *found])
    assert not unused, "these exceptions are none any more"


@pytest.mark.parametrize(
    ("statement", "aliases"),
    [
        ("select from billing.holds as h where h.id = p_id", ["h"]),
        ("select from billing.holds as h where h.id = p_id and h.lenser_id = p_owner", []),
        ("delete from billing.holds as h where h.lenser_id is not distinct from a.lenser_id", []),
        ("update billing.holds as h set lenser_id = null where h.id = p_id", ["h"]),
        ("select from billing.holds where lenser_id = p_owner", ["billing.holds"]),
        ("select from ai.models as m where m.id = p_id", []),
        ("update billing.grants as g set amount = 1 from found as f where g.ctid = f.ctid", []),
        (
            "select from billing.holds as h join billing.grants as g on g.lenser_id = h.lenser_id",
            [],
        ),
        (
            "select (select from billing.holds as h where h.lenser_id = 1), (select from billing.holds as h)",
            ["h"],
        ),
        ("select h.lenser_id from billing.holds as h -- h.lenser_id = 1", ["h"]),
        ("for v in select from billing.holds as h loop update x set y = h.lenser_id = 1;", ["h"]),
    ],
)
def test_an_omission_is_seen(statement: str, aliases: list[str]) -> None:
    text = f"create function ratebook.f() returns void as $$\n{statement};\n$$;"
    assert list(unnamed(text, TABLES)) == [("ratebook.f", alias) for alias in aliases]
