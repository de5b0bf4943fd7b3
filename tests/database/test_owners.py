"""What `make lint` asks of statements on an owner's rows (tools/owners.py) sees an omission."""

from __future__ import annotations

import pytest

from tools.owners import owner_tables, problems, unnamed
from tools.project import REPOSITORY

SQL = REPOSITORY / "sql"
FILES = [
    (path.relative_to(SQL).as_posix(), path.read_text()) for path in sorted(SQL.rglob("*.sql"))
]
TABLES = owner_tables(FILES)


def test_the_tables_of_owners_are_found() -> None:
    assert {"billing.accounts", "billing.charge_costs", "ai.generations", "media.objects"} <= TABLES
    assert "ai.models" not in TABLES
    assert "lensers.profiles" not in TABLES


def test_a_new_statement_that_names_none_is_found() -> None:
    text = "create function ratebook.f() returns void as $$\nselect from billing.holds as h;\n$$;"
    assert list(problems([*FILES, ("new.sql", text)])) == [
        "sql/new.sql: ratebook.f asks for h without its lenser."
    ]


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
