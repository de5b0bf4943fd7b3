"""The SQL of a front, written from the signatures of the API of a Ratebook.

Each function that the service role may call becomes two: one of PL/Proxy in schema `shards`, which says where a call
runs, and one of the same name, arguments, defaults, result and comment in PL/pgSQL, which finds the place, refuses what
may not be, and says errors as one machine does.
"""

# Names in statements come from the database's own catalog and from lists in this package, never from a caller.
# ruff: noqa: S608

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ratebook import migrations
from ratebook.errors import RatebookError
from ratebook.shards import script

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

SCHEMAS = ("ai", "billing", "lensers", "execution", "compat")

# Where a function goes that its signature does not tell. One with `owner` goes to its shard; of the others, what writes
# goes to the home of the catalogue, and what reads to any shard.
ROUTES = {
    # Whose rows they are is called otherwise.
    "execution.create_evaluation": "lenser",
    # Of two owners, who have to be on one shard.
    "billing.move_credits": "from_owner, to_owner",
    "execution.score": "owner, account_owner",
    "execution.submit": "owner, account_owner",
    # A lenser may be known on several shards: as the owner, and as a member elsewhere.
    "ai.erase_lenser": "known",
    "lensers.set_entitlement": "known",
    # Whoever asks for a route may be entitled to more than others.
    "ai.route_feature": "subject",
    "ai.explain_route": "subject",
    # Many at once.
    "billing.charge_generations": "charges",
    "ai.backfill_generations": "generations",
    # Roles are given at home.
    "lensers.has_role": "home",
    "compat.has_role": "home",
    # Of all shards.
    "billing.usage": "usage",
    "billing.reprice_generations": "rows",
    "billing.reprice_summary": "reprice_summary",
    "ai.preview_price": "preview_price",
    "billing.self_check": "checks",
    "billing.check_usage": "checks",
    "ai.self_check": "checks",
    # Jobs, which each shard needs.
    "ai.extend_partitions": "sum",
    "billing.drain_usage": "sum",
    "billing.purge": "sum",
    "billing.rebuild_usage": "sum",
    "billing.sweep_accounts": "sum",
}
NOT_SERVED = {
    "ai.pre_request": "a gateway's before each request",
    "compat.adopt": "lensers of another system go to each shard's own `ratebook adopt`",
}
_SIGNATURES = """
select
  n.nspname, p.proname, p.provolatile::text, p.proretset, r.oid::bigint, r.typtype::text,
  p.proargnames, p.proargmodes::text[], p.proargtypes::oid[]::bigint[], p.proallargtypes::bigint[],
  array(select pg_get_function_arg_default(p.oid, i) from generate_series(1, p.pronargs) as i order by i),
  obj_description(p.oid, 'pg_proc'),
  -- PostgREST gives a call this time.
  (select substr(c, 19) from unnest(p.proconfig) as c where c like 'statement_timeout=%%')
from pg_proc as p
join pg_namespace as n on n.oid = p.pronamespace
join pg_type as r on r.oid = p.prorettype
where n.nspname = any(%s) and p.prokind = 'f' and p.prorettype <> 'trigger'::regtype
  and has_function_privilege('service_role', p.oid, 'execute')
  -- Ratebook's own, by the owner that it gives all of them.
  and p.proowner = (select nspowner from pg_namespace where nspname = 'ratebook')
  -- What PostgREST embeds by is a function of a row.
  and not exists (select from pg_type as a where a.oid = any(p.proargtypes) and a.typtype = 'c')
order by 1, 2
"""
_TYPES = """
with recursive used as (
  select unnest(%s::bigint[])::oid as id
  union
  select x.id
  from used as u
  join pg_type as t on t.oid = u.id
  left join pg_attribute as a on t.typtype = 'c' and a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
  cross join lateral (values (nullif(t.typelem, 0)), (nullif(t.typbasetype, 0)), (a.atttypid)) as x (id)
  where x.id is not null
)
select
  t.oid::bigint, n.nspname, t.typname, t.typtype::text,
  -- A domain is what it is made of: the shard checks.
  case t.typtype when 'd' then format_type(t.typbasetype, t.typtypmod) else format_type(t.oid, null) end,
  array(select e.enumlabel::text from pg_enum as e where e.enumtypid = t.oid order by e.enumsortorder),
  obj_description(t.oid, 'pg_type'),
  coalesce((
    select jsonb_agg(
      jsonb_build_array(a.attname, a.atttypid::bigint, col_description(a.attrelid, a.attnum)) order by a.attnum
    )
    from pg_attribute as a
    where t.typtype = 'c' and a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
  ), '[]')
from used as u
join pg_type as t on t.oid = u.id
join pg_namespace as n on n.oid = t.typnamespace
order by t.typtype = 'c', t.oid
"""
_CATCH = """exception when others then
  get stacked diagnostics v_state = returned_sqlstate, v_said = message_text, v_detail = pg_exception_detail,
    v_hint = pg_exception_hint;
"""
_DECLARE = "  v_state text;\n  v_said text;\n  v_detail text;\n  v_hint text;\n"


@dataclass(frozen=True)
class Type:
    """A type that signatures use; `text` is how the front writes it, `columns` are those of a row."""

    schema: str
    name: str
    kind: str
    text: str
    labels: list[str]
    comment: str | None
    columns: list[tuple[str, int, str | None]]

    @property
    def is_own(self) -> bool:
        """Whether the front has to make it."""
        return self.schema not in ("pg_catalog", "information_schema") and self.kind in "ec"


@dataclass(frozen=True)
class Function:
    """A function of the API. `arguments` are (name, type, default), `columns` (name, type) of the rows it returns."""

    schema: str
    name: str
    volatility: str
    is_set: bool
    arguments: list[tuple[str, str, str | None]]
    returns: str
    columns: list[tuple[str, str]]
    comment: str | None
    timeout: str | None

    @property
    def full_name(self) -> str:
        """With its schema."""
        return f"{self.schema}.{self.name}"

    @property
    def route(self) -> str:
        """How it finds its shard: the names of arguments, or what _bodies() knows."""
        if self.full_name in ROUTES:
            return ROUTES[self.full_name]
        if "owner" in self.names:
            return "owner"
        return "home" if self.writes else "any"

    @property
    def writes(self) -> bool:
        """Whether it may change anything."""
        return self.volatility == "v"

    @property
    def names(self) -> list[str]:
        """Its arguments' names."""
        return [name for name, _, _ in self.arguments]

    @property
    def inner(self) -> str:
        """Its function of PL/Proxy."""
        return f'shards."{self.full_name}"'

    def place(self, name: str) -> int:
        """The number of an argument, from 1."""
        return self.names.index(name) + 1


@dataclass
class Front:
    """The SQL of a front, and what it serves: function -> route."""

    sql: str
    routes: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)


def write(home: str) -> Front:
    """Write the front of the Ratebook at `home`. Raises RatebookError where there is none."""
    with migrations.connect(home) as connection:
        if connection.execute("select to_regprocedure('ai.ratebook_version()')").fetchone() == (
            None,
        ):
            raise RatebookError("This database has no Ratebook to make a front of.")
        functions, types = _read(connection)
    left_out = {
        one.full_name: NOT_SERVED[one.full_name] for one in functions if one.full_name in NOT_SERVED
    }
    served = [one for one in functions if one.full_name not in NOT_SERVED]
    parts = [script("front.sql"), *_write_schemas(functions), *_write_types(types)]
    for one in served:
        parts += [_inner(one), _outer(one)]
    parts += [script("front_lensers.sql"), "commit;\n"]
    return Front("\n".join(parts), {one.full_name: one.route for one in served}, left_out)


def _read(connection: "Connection") -> tuple[list[Function], dict[int, Type]]:
    rows = connection.execute(_SIGNATURES, [list(SCHEMAS)]).fetchall()
    wanted = {oid for row in rows for oid in (row[4], *row[8], *(row[9] or ()))}
    types = {
        row[0]: Type(row[1], row[2], row[3], row[4], row[5], row[6], [tuple(c) for c in row[7]])
        for row in connection.execute(_TYPES, [list(wanted)])
    }
    return [_function(row, types) for row in rows], types


def _function(row: tuple[Any, ...], types: dict[int, Type]) -> Function:
    (
        schema,
        name,
        volatility,
        is_set,
        returned,
        kind,
        names,
        modes,
        inputs,
        all_types,
        defaults,
        comment,
        timeout,
    ) = row
    kinds = modes or ["i"] * len(inputs)
    every = list(zip(names or [], kinds, all_types or inputs, strict=True))
    arguments = [
        (argument, types[oid].text, default)
        for (argument, _, oid), default in zip(
            [one for one in every if one[1] == "i"], defaults, strict=True
        )
    ]
    columns = [(column, types[oid].text) for column, mode, oid in every if mode == "t"]
    if columns:
        returns = f"table ({', '.join(f'{_quoted(c)} {t}' for c, t in columns)})"
    else:
        returns = f"{'setof ' if is_set else ''}{types[returned].text}"
        if kind == "c":
            columns = [(column, types[oid].text) for column, oid, _ in types[returned].columns]
    return Function(schema, name, volatility, is_set, arguments, returns, columns, comment, timeout)


def _write_schemas(functions: list[Function]) -> Iterator[str]:
    for schema in sorted({one.schema for one in functions} | {"content", "media"}):
        yield f"create schema {schema};\ngrant usage on schema {schema} to service_role;"


def _write_types(types: dict[int, Type]) -> Iterator[str]:
    schemas = {"ratebook", *SCHEMAS}
    for one in types.values():
        if not one.is_own:
            continue
        name = f"{_quoted(one.schema)}.{_quoted(one.name)}"
        if one.schema not in schemas:
            # A project's own, such as public.pricing_tier_enum.
            yield f"create schema if not exists {_quoted(one.schema)};"
        if one.kind == "e":
            yield f"create type {name} as enum ({', '.join(map(_text, one.labels))});"
        else:
            columns = ",\n  ".join(f"{_quoted(c)} {types[oid].text}" for c, oid, _ in one.columns)
            yield f"create type {name} as (\n  {columns}\n);"
        if one.comment:
            yield f"comment on type {name} is {_text(one.comment)};"
        for column, _, comment in one.columns:
            if comment:
                yield f"comment on column {name}.{_quoted(column)} is {_text(comment)};"


def _inner(one: Function) -> str:
    """The function of PL/Proxy."""
    declared = "".join(f", p_{i} {kind}" for i, (_, kind, _) in enumerate(one.arguments, 1))
    passed = ", ".join(f"p_{i}" for i in range(1, len(one.arguments) + 1))
    columns = ", ".join(_quoted(name) for name, _ in one.columns) or "*"
    return f"""
create function {one.inner}(p_place integer{declared}) returns {one.returns}
language plproxy volatile
as $proxy$
  cluster 'ratebook';
  run on p_place;
  select {columns} from {one.schema}.{_quoted(one.name)}({passed});
$proxy$;
revoke all on function {one.inner} from public;
grant execute on function {one.inner} to service_role;
"""


def _outer(one: Function) -> str:
    """The function of the API."""
    arguments = ", ".join(
        f"{_quoted(name)} {kind}" + ("" if default is None else f" default {default}")
        for name, kind, default in one.arguments
    )
    # What is the same for ever on one machine is a call to another here.
    volatility = "volatile" if one.writes else "stable"
    if one.timeout:
        volatility += f" set statement_timeout = {_text(one.timeout)}"
    name = f"{one.schema}.{_quoted(one.name)}"
    body = f"""language plpgsql {volatility}
set search_path = pg_catalog, pg_temp
as $front$
{_body(one)}$front$;
"""
    sql = ""
    if one.returns.startswith("table") and {*one.names} & {column for column, _ in one.columns}:
        # PL/pgSQL takes no argument by the name of a column of the result.
        checked = f'shards."{one.full_name} checked"'
        inputs = ", ".join(f"p_{i} {kind}" for i, (_, kind, _) in enumerate(one.arguments, 1))
        passed = ", ".join(f"${i}" for i in range(1, len(one.arguments) + 1))
        sql = f"""create function {checked}({inputs}) returns {one.returns}
{body}revoke all on function {checked} from public;
grant execute on function {checked} to service_role;
"""
        body = f"""language sql {volatility}
set search_path = pg_catalog, pg_temp
as $front$
  select * from {checked}({passed});
$front$;
"""
    sql += f"""create function {name}({arguments}) returns {one.returns}
{body}revoke all on function {name} from public;
grant execute on function {name} to service_role;
"""
    if one.comment:
        sql += f"comment on function {name} is\n{_text(one.comment)};\n"
    return sql


def _body(one: Function) -> str:
    bodies = {
        "home": _at_home,
        "any": _anywhere,
        "subject": _for_subject,
        "known": _where_known,
        "charges": _charges,
        "generations": _generations,
        "usage": _usage,
        "rows": _all_rows,
        "reprice_summary": _reprice_summary,
        "preview_price": _preview_price,
        "checks": _checks,
        "sum": _sum,
    }
    body = bodies.get(one.route)
    return _for_owners(one) if body is None else body(one)


def _call(one: Function, place: str) -> str:
    """The call of PL/Proxy's function."""
    passed = "".join(f", ${i}" for i in range(1, len(one.arguments) + 1))
    return f"{one.inner}({place}{passed})"


def _answer(one: Function, place: str) -> str:
    """Statements that return what the call does."""
    call = _call(one, place)
    if one.is_set:
        return f"  return query select * from {call};\n  return;\n"
    if one.returns == "void":
        return f"  perform {call};\n  return;\n"
    return f"  return {call};\n"


def _caught(statements: str, more: str = "") -> str:
    return (
        f"declare\n{_DECLARE}{more}begin\n{statements}{_CATCH}"
        "  perform shards.raise_again(v_state, v_said, v_detail, v_hint);\nend;\n"
    )


def _for_owners(one: Function) -> str:
    owners = [f"${one.place(name)}" for name in one.route.split(", ")]
    writes = str(one.writes).lower()
    if len(owners) == 1:
        return _caught(_answer(one, f"shards.enter({owners[0]}, {writes})"))
    return _caught(_answer(one, f"shards.enter_all(array[{', '.join(owners)}], {writes})"))


def _at_home(one: Function) -> str:
    return _caught(
        ("  perform shards.may_write();\n" if one.writes else "") + _answer(one, "shards.home()")
    )


def _for_subject(one: Function) -> str:
    return _caught(_answer(one, f"shards.enter_subject(${one.place('subject')})"))


def _anywhere(one: Function) -> str:
    """On a shard, and on the next one while one does not answer."""
    answer = _answer(one, "v_shard.place").replace("\n  ", "\n      ")
    return f"""declare
{_DECLARE}  v_shard record;
begin
  for v_shard in select t.place from shards.in_turn() as t loop
    begin
    {answer}    {_CATCH.replace(chr(10) + "  ", chr(10) + "      ")}      if not shards.is_away(v_state, v_said) then
        perform shards.raise_again(v_state, v_said, v_detail, v_hint);
      end if;
    end;
  end loop;
  perform shards.raise_again(v_state, v_said, v_detail, v_hint);
end;
"""


def _where_known(one: Function) -> str:
    """On the lenser's own shard, then on each other one that knows the lenser."""
    lenser = f"${one.place('lenser')}"
    call = _call(one, "v_place")
    rest = f"""  for v_place in
    select t.place from shards.in_turn() as t where t.place <> shards.place_of({lenser})
  loop
    begin
      perform {call};
    exception when sqlstate 'PT404' then
      null;
    end;
  end loop;
"""
    enter = f"  v_place := shards.enter_everywhere({lenser});\n"
    if one.is_set:
        return _caught(
            enter + f"  return query select * from {call};\n" + rest + "  return;\n",
            "  v_place integer;\n",
        )
    return _caught(
        enter
        + f"  v_answer := {call};\n"
        + rest.replace("perform", "v_answer := shards.sum_objects(array[v_answer,", 1).replace(
            ");\n", ")]);\n", 1
        )
        + "  return v_answer;\n",
        f"  v_place integer;\n  v_answer {one.returns};\n",
    )


def _all_rows(one: Function) -> str:
    return _caught(
        f"  return query select f.* from shards.in_turn() as t cross join lateral {_call(one, 't.place')} as f;\n"
        "  return;\n"
    )


def _sum(one: Function) -> str:
    total = f"sum({_call(one, 't.place')})::{one.returns}"
    if one.returns == "jsonb":
        total = f"shards.sum_objects(array_agg({_call(one, 't.place')}))"
    return _caught(
        f"  perform shards.may_write();\n  return (select {total} from shards.in_turn() as t);\n"
    )


def _checks(one: Function) -> str:
    """Each shard's, with its name; one that does not answer is an error among the others."""
    call = _call(one, "v_shard.place")
    return f"""declare
{_DECLARE}  v_shard record;
begin
  for v_shard in select t.* from shards.in_turn() as t order by t.place loop
    begin
      return query select c.check_name, c.severity, v_shard.name || ': ' || c.message from {call} as c;
    exception when others then
      get stacked diagnostics v_state = returned_sqlstate, v_said = message_text, v_detail = pg_exception_detail,
        v_hint = pg_exception_hint;
      if not shards.is_away(v_state, v_said) then
        perform shards.raise_again(v_state, v_said, v_detail, v_hint);
      end if;
      return query select 'shard answers'::text, 'error'::text, v_shard.name || ': it does not answer.';
    end;
  end loop;
end;
"""


def _added(one: Function, keys: str, sums: list[str], last: dict[str, str]) -> str:
    """Rows of all shards, added up by their keys."""
    columns = []
    for name, kind in one.columns:
        column = f"f.{_quoted(name)}"
        if name in last:
            columns.append(f"({last[name].format(column)})::{kind}")
        elif name in sums:
            columns.append(f"sum({column})::{kind}")
        else:
            columns.append(column)
    return (
        f"select {', '.join(columns)} from shards.in_turn() as t"
        f" cross join lateral {_call(one, 't.place')} as f group by {keys}"
    )


def _usage(one: Function) -> str:
    """An owner's from its shard; everybody's as sums. Percentiles of several shards are not those of all."""
    sums = ["requests", "failures", "charges", "credits", "refunded", "net", "margin"]
    alone = "case when count({0}) = 1 then max({0}) end"
    query = _added(
        one,
        "f.starts_at, f.ends_at, f.id, f.key order by f.starts_at, f.key nulls last, f.id nulls last",
        sums,
        {
            "quantities": "coalesce(shards.sum_objects(array_agg({0})), '{{}}')",
            "cost": "shards.sum_objects(array_agg({0}))",
            "latency_p50": alone,
            "latency_p95": alone,
            "latency_error": "max({0})",
        },
    )
    owner = f"${one.place('owner')}"
    return _caught(
        f"  if {owner} is not null then\n"
        f"    return query select * from {_call(one, f'shards.enter({owner}, false)')};\n    return;\n  end if;\n"
        f"  return query {query};\n  return;\n"
    )


def _reprice_summary(one: Function) -> str:
    sums = ["generations", "cost", "credits", "without_cost", "without_credits"]
    return _caught(
        f"  return query {_added(one, 'f.id, f.key, f.currency order by f.key, f.currency', sums, {})};\n  return;\n"
    )


def _preview_price(one: Function) -> str:
    sums = [name for name, _ in one.columns if name != "currency"]
    return _caught(f"  return query {_added(one, 'f.currency', sums, {})};\n  return;\n")


def _charges(one: Function) -> str:
    """Whole on each shard, and an answer for each request, in their order."""
    return f"""declare
{_DECLARE}  v_batch record;
  v_part jsonb;
  v_answers jsonb := '{{}}';
  v_is_any_done boolean := false;
  v_parts bigint;
  v_first integer := 0;
begin
  -- What is no batch at all is refused where one machine would do it.
  if (jsonb_typeof($1) = 'array' and jsonb_array_length($1) between 1 and 1000) is not true then
    perform shards.may_write();
    return {one.inner}(shards.home(), $1);
  end if;
  -- All of them are let in before anything is sent.
  select e.ordinality - 1 into v_first
  from jsonb_array_elements($1) with ordinality as e
  where e.value ->> 'owner' is null or shards.enter((e.value ->> 'owner')::uuid, true) is null
  limit 1;
  if found then
    perform shards.fail(
      'PT422', 'The call does not name the owner.',
      jsonb_build_object('error', 'owner_required', 'index', v_first)::text,
      'Pass owner: the lenser of the account, or of the generation.'
    );
  end if;
  select count(distinct shards.place_of((e.value ->> 'owner')::uuid)) into v_parts from jsonb_array_elements($1) as e;
  for v_batch in
    select
      shards.place_of((e.value ->> 'owner')::uuid) as place,
      jsonb_agg(e.value order by e.ordinality) as requests,
      array_agg(e.ordinality - 1 order by e.ordinality) as indexes
    from jsonb_array_elements($1) with ordinality as e
    group by 1
    order by min(e.ordinality)
  loop
    begin
      v_part := {one.inner}(v_batch.place, v_batch.requests);
      v_is_any_done := true;
    exception when others then
      get stacked diagnostics v_state = returned_sqlstate, v_said = message_text, v_detail = pg_exception_detail,
        v_hint = pg_exception_hint;
      v_part := shards.refused(v_state, v_said, v_detail, v_hint, v_batch.indexes);
    end;
    select v_answers || jsonb_object_agg(i.index, v_part -> (i.ordinality - 1)::integer) into v_answers
    from unnest(v_batch.indexes) with ordinality as i (index, ordinality);
  end loop;
  -- Where nothing was done the batch is refused, as one machine refuses it.
  if not v_is_any_done then
    select e.value -> 'refused' into v_part
    from jsonb_each(v_answers) as e where e.value -> 'refused' -> 'details' ? 'index' or v_parts = 1
    order by e.key::integer limit 1;
    v_part := coalesce(v_part, v_answers -> '0' -> 'refused');
    perform shards.fail(
      v_part ->> 'code', v_part ->> 'message',
      case jsonb_typeof(v_part -> 'details')
        when 'object' then (v_part -> 'details')::text
        else v_part ->> 'details'
      end,
      v_part ->> 'hint'
    );
  end if;
  return (select jsonb_agg(a.value order by a.key::integer) from jsonb_each(v_answers) as a);
exception when others then
  get stacked diagnostics v_state = returned_sqlstate, v_said = message_text, v_detail = pg_exception_detail,
    v_hint = pg_exception_hint;
  perform shards.raise_again(v_state, v_said, v_detail, v_hint);
end;
"""


def _generations(one: Function) -> str:
    """Each lenser's on its shard; ids in their order. What is refused names its shard's part alone."""
    return f"""declare
{_DECLARE}  v_batch record;
  v_ids uuid[] := '{{}}';
  v_places bigint[] := '{{}}';
begin
  perform shards.may_write();
  if jsonb_typeof($1) is distinct from 'array' then
    return query select * from {one.inner}(shards.home(), $1);
    return;
  end if;
  for v_batch in
    select
      shards.enter((e.value ->> 'lenser_id')::uuid, true) is null as is_lost,
      shards.place_of((e.value ->> 'lenser_id')::uuid) as place,
      jsonb_agg(e.value order by e.ordinality) as generations,
      array_agg(e.ordinality order by e.ordinality) as places
    from jsonb_array_elements($1) with ordinality as e
    group by 1, 2
    order by min(e.ordinality)
  loop
    v_ids := v_ids || array(select * from {one.inner}(v_batch.place, v_batch.generations));
    v_places := v_places || v_batch.places;
  end loop;
  return query select i.id from unnest(v_ids, v_places) as i (id, place) order by i.place;
  return;
{_CATCH}  perform shards.raise_again(v_state, v_said, v_detail, v_hint);
end;
"""


def _quoted(name: str) -> str:
    """An identifier, in quotes."""
    return '"' + name.replace('"', '""') + '"'


def _text(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"
