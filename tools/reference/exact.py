"""Which columns are numeric, for the TypeScript client: JSON's numbers are not exact, so it selects these as text."""

from __future__ import annotations

from ratebook import schema_types
from tools import servers
from tools.lint_db import served_schemas
from tools.project import Project

PATH = "js_client/src/generated/exact.ts"


def typescript(server: servers.Server, db: str, project: Project) -> str:
    """The text of `PATH`, for the schemas that the API serves."""
    with server.connect(db) as connection:
        columns = schema_types.exact(connection, served_schemas(project))
    return f"// Made by `make docs` from the database; never edited.\n\n{columns}"
