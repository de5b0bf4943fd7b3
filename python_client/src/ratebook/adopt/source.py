"""The tables of the older systems, read from their database; needs `ratebook[local]`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from ratebook.errors import RatebookError
from ratebook.migrations import connect

if TYPE_CHECKING:
    import psycopg

# Each table's name, and whether the system is none without it. Django puts the app's name first.
SYSTEMS: Final[Mapping[str, Mapping[str, tuple[str, bool]]]] = MappingProxyType(
    {
        "api_models": {
            "api_providers": ("api_providers", True),
            "api_models": ("api_models", True),
        },
        "rate_cards": {
            "providers": ("providers", False),
            "model_profiles": ("model_profiles", False),
            "rate_cards": ("rate_cards", True),
        },
        "llm_models": {
            "llm_providers": ("llm_providers", True),
            "llm_models": ("llm_models", True),
        },
        "ai_model_config": {
            "ai_model_config": ("ai_model_config|([a-z0-9_]+_)?aimodelconfig", True)
        },
    }
)

# Rows that a policy would hide are an error, so that none is passed over; a time without a zone is one of UTC.
_BEGIN = """
begin isolation level repeatable read, read only;
set local row_security = off;
set local timezone = 'UTC'
"""
_TABLES = """
select c.relname
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where n.nspname = %s and c.relkind in ('r', 'p', 'v', 'm', 'f') and c.relname ~ ('^(' || %s || ')$')
order by c.relname
"""


def read(dsn: str, system: str, schema: str = "public") -> dict[str, list[str]]:
    """The rows of a system's tables, each as the text of a JSON object, so that no digit is lost.

    Reads only, and all tables at one moment. Raises UnreachableError where the database does not answer, RatebookError
    where a table is missing or may not be read, KeyError for an unknown system.
    """
    with connect(dsn) as connection:
        import psycopg  # connect() says so where it is missing

        try:
            connection.execute(_BEGIN)
            names = {
                table: _find(connection, schema, pattern, is_needed)
                for table, (pattern, is_needed) in SYSTEMS[system].items()
            }
            return {table: _rows(connection, schema, name) for table, name in names.items() if name}
        except psycopg.Error as error:
            raise RatebookError(
                "The old database refuses to be read.",
                error.diag.message_primary or str(error).strip(),
            ) from error


def _find(
    connection: "psycopg.Connection[tuple[Any, ...]]", schema: str, pattern: str, is_needed: bool
) -> str | None:
    names = [name for (name,) in connection.execute(_TABLES, [schema, pattern])]
    if len(names) > 1:
        raise RatebookError(f'Schema "{schema}" has more than one such table: {", ".join(names)}.')
    if is_needed and not names:
        wanted = pattern.replace("|([a-z0-9_]+_)?", " or …_")
        raise RatebookError(
            f'Schema "{schema}" of that database has no table {wanted}; --schema names another.'
        )
    return names[0] if names else None


def _rows(connection: "psycopg.Connection[tuple[Any, ...]]", schema: str, table: str) -> list[str]:
    from psycopg import sql

    # One order, so that the same rows give the same report.
    query = sql.SQL('select to_jsonb(t)::text from {} as t order by to_jsonb(t)::text collate "C"')
    rows = connection.execute(query.format(sql.Identifier(schema, table)))
    return [row for (row,) in rows]
