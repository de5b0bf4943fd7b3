"""The schema's types for TypeScript and Python, by the Supabase CLI."""

from __future__ import annotations

import re
import subprocess

from tools.lint_db import served_schemas
from tools.project import NODE, Project, ToolError, node_package, supabase

FILES = {"database.types.ts": "typescript", "database_types.py": "python"}


def generate(dsn: str, project: Project) -> dict[str, str]:
    """File name → text, for the schemas that the API serves. Raises ToolError with the CLI's words."""
    return {name: _ask(language, dsn, project) for name, language in FILES.items()}


def _ask(language: str, dsn: str, project: Project) -> str:
    command = ["gen", "types", "--lang", language, "--schema", ",".join(served_schemas(project))]
    done = supabase(command, workdir=project.root, database=dsn)
    if done.returncode != 0:
        raise ToolError(f"supabase gen types failed: {done.stderr.strip()}")
    return _formatted(done.stdout) if language == "typescript" else _completed(done.stdout)


def _completed(code: str) -> str:
    """The CLI names types of pg_catalog, such as tsvector, that it does not define: in JSON they are strings."""
    names = dict.fromkeys(re.findall(r"\bPgCatalog\w+", code))
    aliases = "".join(f"{name}: TypeAlias = str\n\n" for name in names)
    imports = "from pydantic import BaseModel, Field, JsonValue\n\n"
    return code.replace(imports, imports + aliases)


def _formatted(code: str) -> str:
    """The CLI leaves TypeScript as it falls; prettier gives what Supabase's own site shows."""
    prettier = node_package("prettier") / "bin" / "prettier.cjs"
    options = ["--no-config", "--no-semi", "--parser", "typescript"]
    done = subprocess.run(
        [NODE, prettier, *options], input=code, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise ToolError(f"prettier failed on the generated types: {done.stderr.strip()}")
    return done.stdout
