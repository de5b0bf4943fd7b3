"""What Ratebook consists of, module by module: migrations/manifests/<module>.json, made from a built database.

    python -m tools.manifest        # says whether the files are what sql/ and policies/ make

Each object has its kind, name, domain, state (the hash of its source, as ratebook.describe() tells it) and what it
needs. From it come the preflight of a module, the manifest that a database keeps, and the way back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from textwrap import indent
from typing import Any

from ratebook import modules as package
from tools import schema, servers
from tools.lint_db import own_schemas
from tools.project import CORE, OPTIONAL_MODULES, Domain, Project, ToolError, argument_parser, run
from tools.servers import Server

Key = tuple[str, str]
_NEEDS = (Path(__file__).parent / "manifest.sql").read_text()
_PREFLIGHT = (Path(__file__).parent / "preflight.sql").read_text()
_DROPPED = ("schema", "table", "view", "type", "function")
_OF_A_TABLE = ("constraint", "index", "trigger", "policy")


@dataclass(frozen=True)
class Object:
    """One object. `needs` are (kind, name) of the objects of Ratebook that it refers to."""

    kind: str
    name: str
    module: str
    domain: str
    state: str
    needs: list[Key]

    @property
    def key(self) -> Key:
        return self.kind, self.name

    @property
    def table(self) -> str:
        """The table or view of a constraint, trigger or policy."""
        return self.name.rpartition(" on ")[2]


def build(server: Server, db: str, project: Project) -> list[Object]:
    """Build the truth in an empty database, domain by domain, and tell each object with the domain that made it.

    Raises ToolError where a domain changes what an earlier one made: it could not be left out, or taken back.
    """
    schema.prepare(server, db, project)
    made_in: dict[Key, tuple[Domain, str]] = {}
    for domain in project.domains():
        schema.apply(server, db, project, domain.files, schema.SUPERUSER)
        for key, state in _describe(server, db).items():
            earlier, then = made_in.setdefault(key, (domain, state))
            if then != state:
                raise ToolError(
                    f"sql/{domain.name} changes {' '.join(key)}, which sql/{earlier.name} makes."
                )
    needs = _needs(server, db)
    return [
        Object(kind, name, domain.module, domain.name, state, needs.get((kind, name), []))
        for (kind, name), (domain, state) in sorted(made_in.items())
    ]


def _describe(server: Server, db: str) -> dict[Key, str]:
    with server.connect(db) as connection:
        schemas = [name for name in own_schemas(server, db) if name != "public"]
        found = connection.execute(
            "select d.kind, d.name, d.state from ratebook.describe(%s) as d", [schemas]
        ).fetchall()
    return {(kind, name): state for kind, name, state in found}


def _needs(server: Server, db: str) -> dict[Key, list[Key]]:
    with server.connect(db) as connection:
        connection.execute("set search_path = pg_catalog")
        found = connection.execute(_NEEDS, {"schemas": own_schemas(server, db)}).fetchall()
    needs: dict[Key, list[Key]] = {}
    for kind, name, other_kind, other_name in found:
        needs.setdefault((kind, name), []).append((other_kind, other_name))
    return needs


# The files


def folder(project: Project) -> Path:
    """Where the manifests are."""
    return project.migrations / "manifests"


def texts(project: Project, objects: Sequence[Object], files: Mapping[str, str]) -> dict[Path, str]:
    """The manifests as they should be. `files` gives the stamp of each first migration its domain."""
    found = {}
    for module in dict.fromkeys(domain.module for domain in project.domains()):
        content: dict[str, Any] = {
            "module": module,
            "migrations": {
                version: name
                for version, name in sorted(files.items())
                if OPTIONAL_MODULES.get(name, CORE) == module
            },
            "objects": [
                {name: value for name, value in asdict(thing).items() if name != "module"}
                for thing in objects
                if thing.module == module
            ],
        }
        found[folder(project) / f"{module}.json"] = _compact(content)
    return found


def _compact(content: dict[str, Any]) -> str:
    """JSON with one object a line, so that a diff shows which objects changed."""
    objects = content.pop("objects")
    head = json.dumps(content, indent=2)[:-2]
    lines = ",\n".join(f"    {json.dumps(thing)}" for thing in objects)
    return f'{head},\n  "objects": [\n{lines}\n  ]\n}}\n'


def read(project: Project) -> list[Object]:
    """The objects as the files have them."""
    found = []
    for path in sorted(folder(project).glob("*.json")):
        content = json.loads(path.read_text())
        for thing in content["objects"]:
            needs = [(kind, name) for kind, name in thing.pop("needs")]
            found.append(Object(**thing, module=content["module"], needs=needs))
    return found


def write(project: Project, objects: Sequence[Object]) -> None:
    """Bring the files up to date; the first migrations of each module stay as they are."""
    for path, text in texts(project, objects, recorded_domains(project)).items():
        path.write_text(text)


# What a migration says


def preflight(module: str, objects: Sequence[Object]) -> str:
    """The statement that refuses a module where the project stands in its way, before anything is changed.

    The core's names the clashes of the other modules as well, as a warning: they may never come.
    """
    wanted = [asdict(thing) for thing in objects if module in (CORE, thing.module)]
    query = package.preflight_query(package.wanted(wanted)).strip()
    return _PREFLIGHT.replace("{query}", indent(query, "    ")).replace("{module}", module)


def record(module: str, domain: str, objects: Iterable[Object]) -> str:
    """The statement that writes down what a migration made."""
    rows = [
        f"  ({', '.join(map(_literal, (thing.kind, thing.name, thing.state)))})"
        for thing in objects
        if thing.domain == domain
    ]
    return (
        f"insert into ratebook.manifest (module, domain, kind, name, state)\n"
        f"select {_literal(module)}, {_literal(domain)}, o.kind, o.name, o.state\nfrom (values\n"
        + ",\n".join(rows)
        + f"\n) as o (kind, name, state);\n\nselect ratebook.close_privileges({_literal(domain)});"
    )


def changes(before: Iterable[Object], after: Iterable[Object]) -> str:
    """The statements with which a later migration corrects what the database has written down; may be empty."""
    then, now = ({thing.key: thing for thing in things} for things in (before, after))
    gone = [key for key in sorted(then) if now.get(key) != then[key]]
    new = [now[key] for key in sorted(now) if then.get(key) != now[key]]
    statements = []
    if gone:
        keys = ",\n".join(f"  ({_literal(kind)}, {_literal(name)})" for kind, name in gone)
        statements.append(f"delete from ratebook.manifest where (kind, name) in (\n{keys}\n);")
    if new:
        rows = ",\n".join(
            "  ("
            + ", ".join(
                _literal(text)
                for text in (thing.module, thing.domain, thing.kind, thing.name, thing.state)
            )
            + ")"
            for thing in new
        )
        statements.append(
            f"insert into ratebook.manifest (module, domain, kind, name, state) values\n{rows};"
        )
    return "\n\n".join(statements)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


# The way back


def way_back(domain: str, objects: Sequence[Object]) -> str:
    """The statements that take a domain out: each object by its name, none by cascade."""
    own = {thing.key: thing for thing in objects if thing.domain == domain}
    lines = [f"select ratebook.assert_removable({_literal(domain)});"]
    # The domain that holds the manifest takes it away with itself.
    if ("table", "ratebook.manifest") not in own:
        lines.append(f"delete from ratebook.manifest where domain = {_literal(domain)};")
    order = [own[key] for key in _order(own)]
    # What stands on tables of others.
    if keys := [thing for thing in order if thing.kind == "constraint"]:
        lines.append("select ratebook.alter_promptly($$")
        lines += [f"  {_drop(thing)}" for thing in keys]
        lines.append("$$);")
    return "\n".join(lines + [_drop(thing) for thing in order if thing not in keys])


def _order(own: dict[Key, Object]) -> Iterator[Key]:
    """The objects that need a statement, each before what it needs.

    What belongs to a table goes with it, unless the table is another domain's, or stands in a circle with a
    function that the table's policy, trigger or constraint calls: then that goes first, by itself.
    """
    apart = {
        key
        for key, thing in own.items()
        if thing.kind in _OF_A_TABLE and not _goes_with_its_table(thing, own)
    }
    while True:
        graph: dict[Key, set[Key]] = {
            key: set() for key, thing in own.items() if thing.kind in _DROPPED or key in apart
        }
        for key, thing in own.items():
            carrier = key if key in graph else _carrier(thing, own)
            for need in thing.needs:
                target = need if need in graph else _carrier(own.get(need), own)
                if carrier in graph and target in graph and carrier != target:
                    # TopologicalSorter lists predecessors first: who needs goes before what is needed.
                    graph[target].add(carrier)
        try:
            yield from _sorted(graph)
            return
        except CycleError as error:
            circle = set(error.args[1])
            found = {
                key
                for key, thing in own.items()
                if thing.kind in ("policy", "trigger", "constraint")
                and key not in apart
                and _carrier(thing, own) in circle
                and any(need in circle and need != _carrier(thing, own) for need in thing.needs)
            }
            if not found:
                raise ToolError(f"These need each other: {sorted(circle)}.") from None
            apart |= found


def _sorted(graph: dict[Key, set[Key]]) -> list[Key]:
    """As TopologicalSorter.static_order, and the same each time."""
    sorter = TopologicalSorter(graph)
    sorter.prepare()
    order: list[Key] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        order += ready
        sorter.done(*ready)
    return order


def _carrier(thing: Object | None, own: dict[Key, Object]) -> Key | None:
    """The table or view that an object goes with."""
    if thing is None or thing.kind not in _OF_A_TABLE:
        return None
    tables = [need for need in thing.needs if need[0] in ("table", "view")]
    if thing.kind == "index":
        return next((need for need in tables if need in own), None)
    return next((need for need in tables if need[1] == thing.table and need in own), None)


def _goes_with_its_table(thing: Object, own: dict[Key, Object]) -> bool:
    return _carrier(thing, own) is not None or (
        thing.kind == "index" and any(need[0] == "constraint" for need in thing.needs)
    )


def _drop(thing: Object) -> str:
    if thing.kind == "schema":
        if thing.name == "ratebook":
            return "drop schema ratebook;"
        return f"select ratebook.give_back_schema({_literal(thing.name)});"
    if thing.key == ("type", "public.pricing_tier_enum"):
        return "select ratebook.give_back_type('public.pricing_tier_enum');"
    if thing.kind == "constraint":
        name, _, table = thing.name.rpartition(" on ")
        return f"alter table {table} drop constraint {name};"
    return f"drop {thing.kind} {thing.name};"


def recorded_domains(project: Project) -> dict[str, str]:
    """The stamp of each first migration -> its domain, as the files say."""
    return {
        version: domain
        for path in folder(project).glob("*.json")
        for version, domain in json.loads(path.read_text())["migrations"].items()
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Fail where the manifests are not what sql/ and policies/ make."""
    parser = argument_parser(main.__doc__)
    project = Project(parser.parse_args(arguments).root)
    with servers.start() as server:
        objects = build(server, server.create_database("manifest"), project)
    stale = [
        project.relative(path)
        for path, text in texts(project, objects, recorded_domains(project)).items()
        if not path.is_file() or path.read_text() != text
    ]
    print("\n".join(f"{path} is stale" for path in stale) or f"manifests: {len(objects)} objects")
    return 1 if stale else 0


if __name__ == "__main__":
    run(main)
