"""Mermaid diagrams: tables with their key columns, and the foreign keys between them."""

from __future__ import annotations

from collections.abc import Iterator

from tools.reference.catalog import Json, keys, qualified, short_type

_MARKS = {"p": "PK", "u": "UK", "f": "FK"}


def overview(catalog: Json) -> str:
    """All tables of the API, without columns."""
    tables = _tables(catalog)
    lines = [f'  {_entity(name)}["{name}"]' for name in map(qualified, tables)]
    return "\n".join(["erDiagram", *lines, *_relationships(tables)])


def of_schema(schema: str, catalog: Json) -> str:
    """The tables of one schema with their key columns, and the tables elsewhere that they refer to."""
    tables = [table for table in _tables(catalog) if table["schema"] == schema]
    lines = []
    for table in tables:
        lines.append(f'  {_entity(qualified(table))}["{table["name"]}"] {{')
        for column in table["columns"]:
            marks = [
                mark
                for kind, mark in _MARKS.items()
                if any(column["name"] in key["columns"] for key in keys(table, kind))
            ]
            if marks:
                lines.append(f"    {_type(column)} {column['name']} {', '.join(marks)}")
        lines.append("  }")
    return "\n".join(["erDiagram", *lines, *_relationships(tables)])


def _tables(catalog: Json) -> list[Json]:
    return [relation for relation in catalog["relations"] if relation["kind"] == "table"]


def _entity(name: str) -> str:
    return name.replace(".", "_")


def _type(column: Json) -> str:
    """One word: without schema, length or spaces."""
    return short_type(column["type"]).rpartition(".")[2].partition("(")[0].replace(" ", "_")


def _relationships(tables: list[Json]) -> Iterator[str]:
    """`many }o--|| one`: `|o` where the key is unique, `o|` where it may be null."""
    names = {qualified(table) for table in tables}
    abroad = {key["foreign_table"] for table in tables for key in keys(table, "f")} - names
    yield from (f'  {_entity(name)}["{name}"]' for name in sorted(abroad))
    for table in tables:
        required = {column["name"] for column in table["columns"] if column["not_null"]}
        unique = [set(key["columns"]) for key in keys(table, "pu")]
        for key in keys(table, "f"):
            columns = set(key["columns"])
            many = "|o" if any(u <= columns for u in unique) else "}o"
            one = "||" if columns <= required else "o|"
            ends = f"{_entity(qualified(table))} {many}--{one} {_entity(key['foreign_table'])}"
            yield f'  {ends} : "{", ".join(key["columns"])}"'
