"""The catalogue, written at home and replicated to every shard; and how a shard joins."""

# Names in statements come from the database's own catalog and from lists in this package, never from a caller.
# ruff: noqa: S608

import time
from typing import TYPE_CHECKING

from ratebook import migrations
from ratebook.errors import RatebookError
from ratebook.shards import script, value

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[object, ...]]

PUBLICATION = "ratebook_catalogue"
# The same for everybody. What is worked out of them comes along: triggers rest where rows are applied.
CATALOGUE = (
    "ai.feature_model_policies",
    "ai.features",
    "ai.health_reports",
    "ai.meters",
    "ai.model_aliases",
    "ai.model_price_sources",
    "ai.model_pricing",
    "ai.model_profiles",
    "ai.models",
    "ai.provider_connections",
    "ai.providers",
    "ai.service_tiers",
    "billing.credit_rates",
    "billing.execution_margin_policies",
    "billing.settings",
    "ratebook.list_prices",
    "ratebook.offers",
    "ratebook.price_schedules",
    "ratebook.price_sheets",
    "ratebook.price_windows",
)
# What is of one database, and stays there.
OF_EACH = {
    "lensers.audit_history": "its numbers are each database's own; who changed the catalogue stands at home",
    "lensers.profiles": "each shard knows the lensers who own or spend there",
    "lensers.user_roles": "admins work at home",
    "ratebook.found": "what a database says of itself",
    "ratebook.manifest": "what a database says of itself",
    "ratebook.usage_cells": "of its owners",
    "ratebook.usage_deltas": "of its owners",
    "ratebook.usage_rollups": "of its owners, added up",
}


def join(shard: str, name: str, home: str, connection: str, wait: float = 600) -> int:
    """Make a migrated, unused database a shard: it gets the catalogue of `home` and everything that changes in it.

    `connection` is how the shard's server reaches home, without a password. Returns how many rows it got. Raises
    RatebookError where the shard holds data of its own, or one of the two cannot replicate.
    """
    if "password" in connection.lower().replace("passfile", ""):
        raise RatebookError(
            "A password in the connection of a subscription can be read by others.",
            "Use service=, passfile= or peer authentication.",
        )
    with migrations.connect(home) as source, migrations.connect(shard) as target:
        _assert_alike(source, target)
        if value(source, "show wal_level") != "logical":
            raise RatebookError(
                "Home cannot replicate yet: set wal_level = logical there, and restart it."
            )
        if not value(
            source, "select exists (select from pg_publication where pubname = %s)", PUBLICATION
        ):
            source.execute(f"create publication {PUBLICATION} for table {', '.join(CATALOGUE)}")
        enlist(target, name)
        if not value(
            target, "select exists (select from pg_subscription where subname = %s)", PUBLICATION
        ):
            from psycopg import sql

            with target.transaction():
                # A migrated database has them already, and home sends its own.
                target.execute("select ratebook.forget_reference_rows()")
            target.execute(
                sql.SQL(
                    "create subscription {} connection {} publication {} with (slot_name = {})"
                ).format(
                    sql.Identifier(PUBLICATION),
                    connection,
                    sql.Identifier(PUBLICATION),
                    sql.Identifier(f"{PUBLICATION}_{name}"),
                )
            )
        _wait(target, wait)
        target.execute("select ratebook.advance_sequences()")
        different = differences(source, target)
        if different:
            raise RatebookError(
                f"The catalogue did not arrive as it is at home: {', '.join(different)}."
            )
        return sum(int(value(target, f"select count(*) from {table}")) for table in CATALOGUE)


def enlist(connection: "Connection", name: str) -> None:
    """What every shard has, home included: the front's role, and its own name."""
    from psycopg import sql

    connection.execute(script("shards.sql").encode())
    connection.execute(
        sql.SQL("alter database {} set ratebook.shard = {}").format(
            sql.Identifier(str(value(connection, "select current_database()"))), name
        )
    )


def differences(home: "Connection", shard: "Connection") -> list[str]:
    """The tables of the catalogue that a shard has otherwise than home has."""
    return [table for table in CATALOGUE if fingerprint(home, table) != fingerprint(shard, table)]


def fingerprint(
    connection: "Connection", table: str, where: str = "true", columns: str | None = None
) -> tuple[int, str]:
    """How many rows, and a number that is the same for the same rows in any order; `columns` where they are known."""
    columns = columns or columns_of(connection, table)
    row = connection.execute(
        "select count(*), coalesce(sum(('x' || substr(md5(row("
        + columns
        + ")::text), 1, 15))::bit(60)::bigint), 0)::text"
        f" from {table} as t where {where}"
    ).fetchone()
    assert row is not None  # noqa: S101
    return int(str(row[0])), str(row[1])


def columns_of(connection: "Connection", table: str) -> str:
    """The columns of a table that are written, in an order of their own."""
    return str(
        value(
            connection,
            "select string_agg('t.' || quote_ident(attname), ', ' order by attname) from pg_attribute"
            " where attrelid = %s::regclass and attnum > 0 and not attisdropped and attgenerated = ''",
            table,
        )
    )


def _assert_alike(source: "Connection", target: "Connection") -> None:
    version = "select ai.ratebook_version()"
    if value(target, "select to_regprocedure('ai.ratebook_version()')") is None:
        raise RatebookError("The shard has no Ratebook: `ratebook migrations apply` it first.")
    if value(source, version) != value(target, version):
        raise RatebookError("Home and the shard are of two versions: bring them to one first.")


def _wait(target: "Connection", seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while value(
        target,
        "select count(*) from pg_subscription_rel as r join pg_subscription as s on s.oid = r.srsubid"
        " where s.subname = %s and r.srsubstate = 'r'",
        PUBLICATION,
    ) != len(CATALOGUE):
        if time.monotonic() > deadline:
            raise RatebookError(
                "The catalogue does not arrive.",
                "The logs of the two servers say why; then run this again.",
            )
        time.sleep(0.1)
