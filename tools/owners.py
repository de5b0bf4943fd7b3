"""Every statement on an owner's rows names the lenser, so that one lenser's work touches one lenser's data.

    python -m tools.owners

`owner/an_id_under_two_owners_is_two_rows.test.sql` shows what an omission does; this reads the statements that no
call of a test reaches. A statement that cannot name the lenser is listed here, with the reason.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from tools.project import Project, argument_parser, run

# (file, function, alias) -> why the statement names no lenser.
EXCEPTIONS: dict[tuple[str, str, str], str] = {
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
    ("60_wallet/185_function_owner_of.sql", "ratebook.owners_of_accounts", "*"): "looks owners up",
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


def owner_tables(files: Sequence[tuple[str, str]]) -> set[str]:
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


def problems(files: Sequence[tuple[str, str]]) -> Iterator[str]:
    """One sentence for each statement without its lenser, and for each exception that is none any more.

    `files` are paths below sql/ with their texts.
    """
    tables = owner_tables(files)
    unused = dict(EXCEPTIONS)
    for path, text in files:
        for maker, alias in unnamed(text, tables):
            listed = {(path, maker, alias), (path, maker, "*"), (path, "*", "*")} & set(EXCEPTIONS)
            for exception in listed:
                unused.pop(exception, None)
            if not listed:
                yield f"sql/{path}: {maker} asks for {alias} without its lenser."
    for path, maker, alias in unused:
        yield f"tools/owners.py lists {alias} of {maker} in {path}, which names its lenser."


def main(arguments: Sequence[str] | None = None) -> int:
    """Fail where a statement of sql/ asks for an owner's rows without the lenser."""
    project = Project(argument_parser(main.__doc__).parse_args(arguments).root)
    files = [
        (path.relative_to(project.root / "sql").as_posix(), path.read_text())
        for path in project.truth_files()
        if path.is_relative_to(project.root / "sql")
    ]
    found = list(problems(files))
    print(
        "\n".join(found)
        or f"named: the lenser, by each statement on {len(owner_tables(files))} tables of owners,"
        f" {len(EXCEPTIONS)} exceptions"
    )
    return 1 if found else 0


if __name__ == "__main__":
    run(main)
