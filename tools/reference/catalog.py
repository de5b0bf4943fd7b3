"""The catalog of a database as tools/reference/catalog.sql tells it, and what several pages ask of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tools import servers
from tools.lint_db import served_schemas
from tools.project import Project

Json = dict[str, Any]

_SHORT = {
    "timestamp with time zone": "timestamptz",
    "time without time zone": "time",
    "character varying": "varchar",
}


def survey(server: servers.Server, db: str, project: Project) -> Json:
    """What the schemas that the API serves consist of, each with the module that can be left out, if it is of one."""
    query = Path(__file__).with_name("catalog.sql").read_bytes()
    modules = {name: module for module in project.modules() for name in project.schemas(module)}
    with server.connect(db) as connection:
        connection.execute("set search_path = ''")
        found = connection.execute(query, {"schemas": served_schemas(project)}).fetchone()
    assert found is not None
    catalog: Json = found[0]
    for schema in catalog["schemas"]:
        schema["module"] = modules.get(schema["name"])
    return catalog


def qualified(thing: Json) -> str:
    """`schema.name` of a relation, function or type."""
    return f"{thing['schema']}.{thing['name']}"


def short_type(name: str) -> str:
    """A type by the name that people write."""
    for long, short in _SHORT.items():
        name = name.replace(long, short)
    return name


def keys(relation: Json, kinds: str) -> list[Json]:
    """The constraints of a relation of the given kinds: letters of pg_constraint.contype."""
    return [key for key in relation["constraints"] if key["type"] in kinds]


def referring(relation: Json, catalog: Json) -> list[tuple[Json, Json]]:
    """(table, foreign key) of every foreign key that refers to a relation."""
    return [
        (other, key)
        for other in catalog["relations"]
        for key in keys(other, "f")
        if key["foreign_table"] == qualified(relation)
    ]


def is_deprecated(thing: Json) -> bool:
    """Whether its comment begins so."""
    return str(thing["comment"]).startswith("Deprecated")


def embeds(relation: Json, catalog: Json) -> list[Json]:
    """What a select may embed, by foreign keys in either direction: other tables of the same schema."""
    found = [(key, key["foreign_table"], True) for key in keys(relation, "f")]
    found += [(key, qualified(other), False) for other, key in referring(relation, catalog)]
    tables = [table for _, table, _ in found]
    return [
        {
            "table": table,
            "to_one": to_one,
            "as": table.partition(".")[2] + (f"!{key['name']}" if tables.count(table) > 1 else ""),
        }
        for key, table, to_one in found
        if table.startswith(f"{relation['schema']}.") and table != qualified(relation)
    ]
