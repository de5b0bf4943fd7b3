"""Every schema, table, column, view, type, domain and function has a comment: name those that lack one.

`python -m tools.comments` builds a database from sql/ and policies/ and asks it; with a URL
(`python -m tools.comments postgresql://…`) it asks a database that stands.
"""

from __future__ import annotations

from collections.abc import Sequence

import psycopg

from tools import schema, servers
from tools.project import PLATFORM_SCHEMAS, TEST_SCHEMAS, Project, ToolError, argument_parser, run

# Partitions say what their parents say; what an extension made is the extension's to explain.
_MISSING = """
with
schemas as (
  select oid, nspname from pg_namespace
  where nspname !~ '^pg_' and nspname <> 'information_schema' and nspname <> all (%(excluded)s)
),
objects as (
  select 'schema' as kind, nspname::text as name, 'pg_namespace'::regclass as catalog, oid, 0 as part
  from schemas where nspname <> 'public'
  union all
  select
    case c.relkind when 'v' then 'view' when 'm' then 'materialized view' else 'table' end,
    c.oid::regclass::text, 'pg_class'::regclass, c.oid, 0
  from pg_class as c join schemas as s on s.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
  union all
  select
    'column', c.oid::regclass || '.' || quote_ident(a.attname), 'pg_class'::regclass, c.oid, a.attnum
  from pg_class as c join schemas as s on s.oid = c.relnamespace
  join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  where c.relkind in ('r', 'p', 'v', 'm', 'f', 'c') and not c.relispartition
  union all
  select
    case t.typtype when 'd' then 'domain' else 'type' end,
    format_type(t.oid, null), 'pg_type'::regclass, t.oid, 0
  from pg_type as t join schemas as s on s.oid = t.typnamespace
  left join pg_class as c on c.oid = t.typrelid
  where t.typtype in ('d', 'e', 'r') or c.relkind = 'c'
  union all
  select
    case p.prokind when 'p' then 'procedure' when 'a' then 'aggregate' else 'function' end,
    p.oid::regprocedure::text, 'pg_proc'::regclass, p.oid, 0
  from pg_proc as p join schemas as s on s.oid = p.pronamespace
)
select kind || ' ' || name, d.description is null or btrim(d.description) = ''
from objects as o
left join pg_description as d on d.classoid = o.catalog and d.objoid = o.oid and d.objsubid = o.part
where not exists (
  select from pg_depend as e
  where e.classid = o.catalog and e.objid = o.oid and e.deptype = 'e'
)
-- A range type makes its constructors and its multirange itself.
and not exists (
  select from pg_depend as e
  where e.classid = o.catalog and e.objid = o.oid and e.objsubid = 0 and e.deptype = 'i'
  and o.catalog in ('pg_proc'::regclass, 'pg_type'::regclass) and e.refclassid = 'pg_type'::regclass
)
order by 1
"""


def survey(dsn: str) -> tuple[list[str], int]:
    """The objects without a comment, as `table ai.models`, and how many objects there are in all."""
    try:
        with psycopg.connect(dsn) as connection:
            connection.execute("set search_path = ''")
            found = connection.execute(
                _MISSING, {"excluded": [*PLATFORM_SCHEMAS, *TEST_SCHEMAS]}
            ).fetchall()
    except psycopg.OperationalError as error:
        raise ToolError(f"The database cannot be reached: {error}") from None
    return [name for name, missing in found if missing], len(found)


def main(arguments: Sequence[str] | None = None) -> int:
    """Name every object of the schema that has no comment."""
    parser = argument_parser(main.__doc__)
    parser.add_argument(
        "dsn", nargs="?", help="database to ask (default: one built from sql/ and policies/)"
    )
    options = parser.parse_args(arguments)
    if options.dsn:
        missing, total = survey(options.dsn)
    else:
        with servers.start() as server:
            db = server.create_database("comments")
            schema.build_truth(server, db, Project(options.root))
            missing, total = survey(server.dsn(db))
    if total == 0:
        raise ToolError("The database holds none of Ratebook's objects.")
    print("\n".join(f"{name} has no comment" for name in missing) or f"commented: {total} objects")
    return 1 if missing else 0


if __name__ == "__main__":
    run(main)
