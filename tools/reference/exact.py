"""Which columns are numeric, for the TypeScript client: JSON's numbers are not exact, so it selects these as text."""

from __future__ import annotations

from pathlib import Path

from tools import servers
from tools.lint_db import served_schemas
from tools.project import Project

PATH = "js_client/src/generated/exact.ts"

_HEAD = """\
// Made by `make docs` from the database; never edited.

/** What is numeric in the database, by schema and by relation or function: exact there, and text in this client. */
export const EXACT = {
"""


def typescript(server: servers.Server, db: str, project: Project) -> str:
    """The text of `PATH`, for the schemas that the API serves."""
    query = Path(__file__).with_name("exact.sql").read_bytes()
    with server.connect(db) as connection:
        rows = connection.execute(query, {"schemas": served_schemas(project)}).fetchall()
    schemas: dict[str, dict[str, list[str]]] = {}
    for schema, name, columns in rows:
        schemas.setdefault(schema, {})[name] = columns
    lines = [_HEAD]
    for schema, names in schemas.items():
        lines.append(f"  {schema}: {{\n")
        for name, columns in names.items():
            quoted = ", ".join(f"'{column}'" for column in columns)
            lines.append(f"    {name}: [{quoted}],\n")
        lines.append("  },\n")
    return "".join([*lines, "} as const\n"])
