"""The types of an installed schema, for TypeScript and for Python, by the Supabase CLI.

Money is `numeric`. PostgREST writes it as a JSON number, which is not exact: a program selects it as text
(`credits::text`). So the types come with a list of the columns that are numeric; in Python they are `Decimal`.
"""

import os
import re
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ratebook.errors import RatebookError

if TYPE_CHECKING:
    import psycopg

Language = Literal["ts", "py"]
_HEAD = """\
/** What is numeric in the database, by schema and by relation or function: exact there, and text in this client. */
export const EXACT = {
"""
SCHEMAS = ("public", "ai", "billing", "lensers", "content", "media", "execution", "compat")


def generate(dsn: str, language: Language, say: Callable[[str], None]) -> dict[str, str]:
    """File name → text, for the schemas of Ratebook that the database has.

    Needs `pip install 'ratebook[local]'`. Raises RatebookError with the CLI's words, or where there is no Ratebook.
    """
    from ratebook.migrations import connect

    with connect(dsn) as connection:
        found = connection.execute(
            "select nspname::text from pg_catalog.pg_namespace where nspname = any(%s)",
            [list(SCHEMAS)],
        ).fetchall()
        schemas = [name for name in SCHEMAS if (name,) in found]
        if "billing" not in schemas:
            raise RatebookError("There is no Ratebook in this database.")
        columns = exact(connection, schemas)
    if language == "py":
        return {"ratebook_types.py": _python(_ask(dsn, "python", schemas, say))}
    return {
        "ratebook.types.ts": _ask(dsn, "typescript", schemas, say),
        "ratebook.exact.ts": columns,
    }


def exact(connection: "psycopg.Connection[Any]", schemas: Sequence[str]) -> str:
    """What is numeric in these schemas, as TypeScript."""
    query = Path(__file__).with_name("exact.sql").read_bytes()
    rows = connection.execute(query, {"schemas": list(schemas)}).fetchall()
    found: dict[str, dict[str, list[str]]] = {}
    for schema, name, columns in rows:
        found.setdefault(schema, {})[name] = columns
    lines = [_HEAD]
    for schema, names in found.items():
        lines.append(f"  {schema}: {{\n")
        for name, columns in names.items():
            quoted = ", ".join(f"'{column}'" for column in columns)
            lines.append(f"    {name}: [{quoted}],\n")
        lines.append("  },\n")
    return "".join([*lines, "} as const\n"])


def _ask(dsn: str, language: str, schemas: list[str], say: Callable[[str], None]) -> str:
    from psycopg.conninfo import conninfo_to_dict

    from ratebook.local.push import QUIET, url_without_password
    from ratebook.local.tools import find_tool

    password = conninfo_to_dict(dsn).get("password")
    here = Path.cwd()
    command = [str(find_tool("supabase", here, say)), "gen", "types", "--lang", language]
    command += ["--schema", ",".join(schemas), f"--db-url={url_without_password(dsn)}"]
    done = subprocess.run(
        command,
        env=os.environ | QUIET | ({"PGPASSWORD": str(password)} if password else {}),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode != 0:
        raise RatebookError("`supabase gen types` failed.", done.stderr.strip()[-4000:])
    return done.stdout


def _python(code: str) -> str:
    """Numbers with a fraction are numeric here; types of pg_catalog that the CLI leaves out are texts in JSON."""
    names = dict.fromkeys(re.findall(r"\bPgCatalog\w+", code))
    aliases = "".join(f"{name}: TypeAlias = str\n\n" for name in names)
    imports = "from pydantic import BaseModel, Field, JsonValue\n\n"
    code = code.replace(imports, f"{imports}{aliases}")
    code = code.replace("import uuid\n", "import uuid\nfrom decimal import Decimal\n", 1)
    return re.sub(r"\bfloat\b", "Decimal", code)
