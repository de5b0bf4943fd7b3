"""The modules of Ratebook: what each consists of, and what stands in its way in a database.

A module is what an adopter may leave out; the core is what all others stand on. The manifests beside the
migrations name every object of a module.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from ratebook.errors import RatebookError

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

CORE = "core"
Manifest = dict[str, Any]


@dataclass(frozen=True)
class Obstacle:
    """What stands in the way of a module that a database does not have yet.

    `problem` is `clash` (an object by the name of one of Ratebook's), `not_allowed` (a schema that the role
    may not create in, or let others use) or `reachable` (what the API's roles would reach, not accepted yet).
    """

    module: str
    problem: str
    schema: str
    what: str


def schema_dir() -> Path:
    """The folder with migrations/, seeds/ and supabase/: in the wheel, or the repository of a checkout."""
    package = Path(__file__).parent
    for folder in (package / "_schema", *package.parents[2:3]):
        if (folder / "supabase" / "platform.sql").is_file():
            return folder
    raise RatebookError("This installation of ratebook carries no schema: install it again.")


def manifests() -> dict[str, Manifest]:
    """What each module of this version consists of, by its name: `migrations` (stamp -> domain) and `objects`."""
    folder = schema_dir() / "migrations" / "manifests"
    found = {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}
    for name, manifest in found.items():
        for thing in manifest["objects"]:
            thing["module"] = name
    return {name: found[name] for name in sorted(found, key=lambda name: name != CORE)}


def wanted(objects: Iterable[Mapping[str, Any]]) -> str:
    """The rows of `wanted` in preflight.sql: what modules make, from the objects of their manifests."""
    names: dict[tuple[str, str], tuple[set[str], set[str]]] = {}
    for thing in objects:
        if thing["kind"] not in ("table", "view", "index", "type", "function"):
            continue
        schema, _, name = thing["name"].partition("(")[0].partition(".")
        # What public has may be taken over; the inside is nobody else's.
        if schema not in ("public", "ratebook"):
            relations, functions = names.setdefault((thing["module"], schema), (set(), set()))
            (functions if thing["kind"] == "function" else relations).add(name)
    return ",\n".join(
        f"  ('{module}', '{schema}',\n"
        + ",\n".join(
            "    '{" + _wrapped(sorted(found)) + "}'::text[]" for found in (relations, functions)
        )
        + ")"
        for (module, schema), (relations, functions) in sorted(names.items())
    )


def _wrapped(names: list[str]) -> str:
    return "\n      ".join(wrap(", ".join(names), 110))


def preflight_query(rows: str) -> str:
    """preflight.sql for the rows of `wanted`: (module, problem, schema, what) for all that stands in the way."""
    return (Path(__file__).parent / "preflight.sql").read_text().replace("%(wanted)s", rows)


def obstacles(connection: "Connection", modules: Iterable[str]) -> list[Obstacle]:
    """What stands in the way of `modules` in a database that has none of them; reads only."""
    known = manifests()
    objects = [thing for name in modules for thing in known[name]["objects"]]
    if not objects:
        return []
    found = connection.execute(preflight_query(wanted(objects)).encode()).fetchall()
    return [Obstacle(*row) for row in sorted(found)]


def differences(
    connection: "Connection", applied: Collection[str], missing: Collection[str] = ()
) -> list[str]:
    """Where a database is not what the migrations that are `applied` make; reads only.

    That is: made from an earlier state of the same files, or changed since. `missing` are stamps that it
    lacks: where one of them changes what the first ones made, only the latter can be told.
    """
    exists = connection.execute("select to_regprocedure('ratebook.differences()') is not null")
    if exists.fetchone() == (False,):
        return ["ratebook.differences() is missing: made from an earlier state of the migrations"]
    rows = connection.execute("select m.kind, m.name, m.state from ratebook.manifest as m")
    recorded = {(kind, name): state for kind, name, state in rows.fetchall()}
    known = manifests()
    first = {
        stamp: domain for found in known.values() for stamp, domain in found["migrations"].items()
    }
    made = {domain for stamp, domain in first.items() if stamp in applied}
    expected = {
        (thing["kind"], thing["name"]): thing["state"]
        for manifest in known.values()
        for thing in manifest["objects"]
        if thing["domain"] in made
    }
    # The manifests know objects as the newest migration leaves them.
    if not first.keys() >= set(missing):
        expected = recorded
    found = [
        f"{kind} {name}: made from an earlier state of the migrations"
        for kind, name in sorted(expected.keys() | recorded.keys())
        if expected.get((kind, name)) != recorded.get((kind, name))
    ]
    rows = connection.execute(
        "select d.kind, d.name, d.difference from ratebook.differences() as d"
    )
    return found + [f"{kind} {name}: {difference}" for kind, name, difference in sorted(rows)]
