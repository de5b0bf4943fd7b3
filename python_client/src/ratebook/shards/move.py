"""Moving logical partitions from one shard to another.

Writes for the owners of a partition are refused while it is copied (partition_is_moving, 503), reads go on. The copy is
compared with what it was made of before anything is sent there, and only then the rows on the old shard go. Whatever is
cut in the middle is finished, or begun anew, by the same command: the front's table says how far it had come.
"""

# Names in statements come from the database's own catalog and from lists in this package, never from a caller.
# ruff: noqa: S608

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ratebook import migrations
from ratebook.errors import RatebookError
from ratebook.shards import LOCK, PARTITION_OF, PARTITIONS, value
from ratebook.shards.catalogue import columns_of, fingerprint

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

_BATCH = 100  # owners whose rows go in one transaction
_ROWS = 10_000  # rows of which usage is taken back at once
GENERATIONS = "ai.generations"
PROFILES = "lensers.profiles"
# Tables of owners. What billing.usage() has counted goes its own way.
_TABLES = """
select r.name
from ratebook.own_relations() as r
join pg_attribute as a on a.attrelid = r.id and a.attname = 'lenser_id' and not a.attisdropped
where r.kind in ('r', 'p') and r.name <> 'ai.generations'
order by 1
"""
# A generation goes with the charge that paid for it; a team's are on its owner's shard, whoever made them.
_GENERATIONS = """
insert into moving_generations
select g.id, g.lenser_id
from moving_owners as o
join ai.generations as g on g.lenser_id = o.id
where not exists (
  select from billing.charges as c
  where c.generation_id = g.id and c.spender_id = g.lenser_id
    and not exists (select from moving_owners as p where p.id = c.lenser_id)
)
union
select g.id, g.lenser_id
from moving_owners as o
join billing.charges as c on c.lenser_id = o.id
join ai.generations as g on g.id = c.generation_id and g.lenser_id = c.spender_id
"""
# What ratebook.usage_deltas says of these rows when they come, and when they go.
_DELTAS = """
select
  'generation'::text as kind, %(sign)s::smallint as sign, g.created_at as counts_at, g.lenser_id as owner_id,
  g.model_id,
  g.feature_key, g.status, g.usage, g.latency_ms::integer as latency_ms, null::uuid as charge_id,
  null::billing.amount as refunded
from moving_generations as m
join ai.generations as g on g.id = m.id and g.lenser_id = m.lenser_id
union all
select 'charge', %(sign)s, c.created_at, c.lenser_id, null, null, null, null, null, c.id, null
from moving_owners as o join billing.charges as c on c.lenser_id = o.id
union all
select 'refund', %(sign)s, e.created_at, e.lenser_id, null, null, null, null, null, e.charge_id, e.amount
from moving_owners as o join billing.ledger_entries as e on e.lenser_id = o.id and e.kind = 'refund'
"""
# What was counted of months that have left the log cannot be counted anew.
_COUNTED = """
t.owner_id in (select o.id from moving_owners as o) and t.starts_at < (
  select min(to_date(right(c.relname, 7), 'YYYY_MM'))::timestamp at time zone 'UTC'
  from pg_inherits as i join pg_class as c on c.oid = i.inhrelid where i.inhparent = 'ai.generations'::regclass
)
"""
_ADD_CELLS = """
insert into ratebook.usage_cells as t
select * from coming_cells
on conflict (owner_id, starts_at, spender_id, model_id, feature_key, status) do update set
  requests = t.requests + excluded.requests,
  failures = t.failures + excluded.failures,
  charges = t.charges + excluded.charges,
  quantities = ratebook.sum_objects(jsonb_build_array(t.quantities, excluded.quantities)),
  latencies = t.latencies + excluded.latencies,
  rough_latencies = t.rough_latencies + excluded.rough_latencies,
  credits = t.credits + excluded.credits,
  refunded = t.refunded + excluded.refunded,
  costs = ratebook.sum_objects(jsonb_build_array(t.costs, excluded.costs)),
  cost_credits = t.cost_credits + excluded.cost_credits
"""
Say = Callable[[str], None]


@dataclass
class Moved:
    """What a partition's move did: rows of each table, and for how many seconds its writes were refused."""

    partition: int
    owners: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    stopped: float = 0.0
    removed: int = 0


def move(
    front: str,
    source: str,
    target: str,
    partitions: list[int],
    *,
    wait: float = 30,
    say: Say = lambda _: None,
) -> list[Moved]:
    """Move partitions from the shard at `source` to the one at `target`, one after the other.

    The two are connected to as the owners of the databases, who may set session_replication_role. `wait`: seconds for
    calls that are under way. Raises RatebookError where something is not as it has to be: what was moved by then has
    moved, the partition under way serves where the front's table says, and the same command goes on from there.
    """
    with (
        migrations.connect(front) as map_,
        migrations.connect(source) as old,
        migrations.connect(target) as new,
    ):
        here, there = _name(old), _name(new)
        if here == there:
            raise RatebookError(f"Both databases are shard {here}.")
        done = []
        for partition in partitions:
            done.append(_move(map_, (old, here), (new, there), partition, wait))
            say(
                f"Partition {partition}: {done[-1].owners:,} owners,"
                f" {sum(done[-1].rows.values()):,} rows, equal on both;"
                f" writes were refused for {done[-1].stopped:.2f} s."
            )
    return done


def assert_sound(*shards: str) -> None:
    """Run the self-checks of shards. Raises RatebookError with what they find."""
    problems = []
    for shard in shards:
        with migrations.connect(shard) as connection:
            name = _name(connection)
            for check in ("billing.self_check()", "ai.self_check()", "billing.check_usage()"):
                problems += [
                    f"{name}: {check_name}: {message}"
                    for check_name, severity, message in connection.execute(
                        f"select check_name, severity, message from {check}"
                    )
                    if severity == "error"
                ]
    if problems:
        raise RatebookError("A shard is not sound.", "\n".join(problems))


def _name(connection: "Connection") -> str:
    name = value(connection, "select current_setting('ratebook.shard', true)")
    if not name:
        raise RatebookError(
            "This database does not say which shard it is.", "Let it join: `ratebook shards join`."
        )
    return str(name)


def _move(
    map_: "Connection",
    old: tuple["Connection", str],
    new: tuple["Connection", str],
    partition: int,
    wait: float,
) -> Moved:
    moved = Moved(partition)
    row = map_.execute(
        "select shard, state, other from shards.partitions where partition = %s", [partition]
    ).fetchone()
    if row is None:
        raise RatebookError(f"The front knows of no partition {partition}.")
    shard, state, other = row
    if (shard, state, other) == (new[1], "leaving", old[1]):
        moved.removed = _leave(map_, old[0], partition, wait)
        return moved
    if shard != old[1] or other not in (None, new[1]) or state == "leaving":
        raise RatebookError(
            f"Partition {partition} is on {shard} ({state}), not on {old[1]}.",
            "The front's table shards.partitions says where each is.",
        )
    # What an attempt that was cut has left there is not of this moment.
    _remove(new[0], partition)
    began = time.monotonic()
    map_.execute(
        "update shards.partitions set state = 'moving', other = %s, since = now() where partition = %s",
        [new[1], partition],
    )
    try:
        _let_finish(map_, partition, wait)
        _let_end(old[0], wait)
        _copy(old[0], new[0], partition, moved, wait)
    except BaseException:
        # Nothing was sent there yet: it serves where it is, and what was copied goes at the next attempt.
        map_.execute(
            "update shards.partitions set state = 'serving', other = null, since = now() where partition = %s",
            [partition],
        )
        raise
    map_.execute(
        "update shards.partitions set shard = %s, state = 'leaving', other = %s, since = now() where partition = %s",
        [new[1], old[1], partition],
    )
    moved.stopped = time.monotonic() - began
    moved.removed = _leave(map_, old[0], partition, wait)
    return moved


def _let_finish(map_: "Connection", partition: int, wait: float) -> None:
    """Wait for calls of the partition that are under way on the front; later ones know."""
    import psycopg

    map_.execute("select set_config('lock_timeout', %s, false)", [f"{wait * 1000:.0f}ms"])
    try:
        for number in (partition, PARTITIONS):  # and what goes to every shard
            map_.execute("select pg_advisory_lock(%s, %s)", [LOCK, number])
            map_.execute("select pg_advisory_unlock(%s, %s)", [LOCK, number])
    except psycopg.errors.LockNotAvailable as error:
        raise RatebookError(
            f"A call of partition {partition} has been under way for {wait:.0f} seconds.",
            "End the transaction on the front (pg_locks: locktype advisory), or wait for longer.",
        ) from error


def _let_end(old: "Connection", wait: float) -> None:
    """Wait for what the front sent before: a call goes on on its shard when the front's side of it is gone."""
    since = value(old, "select clock_timestamp()")
    deadline = time.monotonic() + wait
    while value(
        old,
        "select count(*) from pg_stat_activity where usename = 'ratebook_front' and datname = current_database()"
        " and xact_start < %s",
        since,
    ):
        if time.monotonic() > deadline:
            raise RatebookError(
                f"A call of the front has been under way on the shard for {wait:.0f} seconds.",
                "See pg_stat_activity there, usename ratebook_front.",
            )
        time.sleep(0.01)


def _copy(old: "Connection", new: "Connection", partition: int, moved: Moved, wait: float) -> None:
    with old.transaction():
        old.execute("select set_config('lock_timeout', %s, true)", [f"{wait * 1000:.0f}ms"])
        _choose(old, partition)
        moved.owners = int(value(old, "select count(*) from moving_owners"))
        # Jobs of the shard wait; of these accounts nothing changes any more.
        old.execute(
            "select from billing.accounts as a where a.lenser_id in (select o.id from moving_owners as o) for update"
        )
        _make_months(old, new)
        with new.transaction():
            new.execute("set local session_replication_role = replica")
            for table in ("moving_owners", "moving_generations"):
                new.execute(_TEMPORARY[table])
                _pass(old, new, table, "true")
            tables = _tables(old)
            # A profile may be there already, of one who spends there.
            _pass(old, new, PROFILES, _profiles(old), into="coming_profiles")
            new.execute(
                "update coming_profiles as c set user_id = null"
                " where not exists (select from auth.users as u where u.id = c.user_id)"
            )
            new.execute(
                "delete from lensers.profiles as p using moving_owners as o"
                " where p.id = o.id and exists (select from coming_profiles as c where c.id = o.id)"
            )
            new.execute(
                "insert into lensers.profiles select * from coming_profiles on conflict (id) do nothing"
            )
            columns = {table: columns_of(old, table) for table in tables}
            for table, where in tables.items():
                _pass(old, new, table, where, columns=columns[table])
            before, after = (
                {table: fingerprint(one, table, tables[table], columns[table]) for table in tables}
                for one in (old, new)
            )
            different = [table for table in tables if before[table] != after[table]]
            if different:
                raise RatebookError(
                    f"Partition {partition} did not arrive as it is: {', '.join(different)}.",
                    "Somebody else than the front wrote rows of its owners meanwhile. Nothing has moved; try again.",
                )
            _pass(old, new, "ratebook.usage_cells", _COUNTED, into="coming_cells")
            new.execute(_ADD_CELLS)
            new.execute("insert into ratebook.usage_deltas " + _DELTAS, {"sign": 1})
        moved.rows = {table: count for table, (count, _) in before.items() if count}


_TEMPORARY = {
    "moving_owners": "create temporary table moving_owners (id uuid primary key) on commit drop",
    "moving_generations": "create temporary table moving_generations"
    " (id uuid, lenser_id uuid, primary key (id, lenser_id)) on commit drop",
}


def _choose(connection: "Connection", partition: int) -> None:
    """Put the owners of a partition, and the generations that go with them, into temporary tables."""
    for statement in _TEMPORARY.values():
        connection.execute(statement)
    connection.execute(
        f"insert into moving_owners select p.id from lensers.profiles as p where {PARTITION_OF.format('p.id')} = %s",
        [partition],
    )
    connection.execute(_GENERATIONS)
    connection.execute("analyze moving_owners; analyze moving_generations")


def _tables(connection: "Connection") -> dict[str, str]:
    """The tables of owners, each with what chooses its rows."""
    of_owner = "t.lenser_id in (select o.id from moving_owners as o)"
    chosen = {
        GENERATIONS: "(t.id, t.lenser_id) in (select m.id, m.lenser_id from moving_generations as m)"
    }
    return chosen | {str(name): of_owner for (name,) in connection.execute(_TABLES)}


def _profiles(connection: "Connection") -> str:
    """Which profiles are needed: those of the owners, and those that their rows point to."""
    pointing = connection.execute(
        "select c.conrelid::regclass::text, a.attname from pg_constraint as c"
        " join pg_attribute as a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]"
        " where c.contype = 'f' and c.conparentid = 0 and c.confrelid = 'lensers.profiles'::regclass"
        " and a.attname <> 'lenser_id'"
    ).fetchall()
    needed = [
        "select o.id from moving_owners as o",
        "select m.lenser_id from moving_generations as m",
    ]
    needed.append(
        "select c.spender_id from moving_owners as o join billing.charges as c on c.lenser_id = o.id"
    )
    needed += [
        f'select p."{column}" from moving_owners as o join {table} as p on p.lenser_id = o.id'
        for table, column in pointing
        if table != "auth.users"
    ]
    return f"t.id in ({' union '.join(needed)})"


def _pass(
    old: "Connection",
    new: "Connection",
    table: str,
    where: str,
    *,
    into: str | None = None,
    columns: str | None = None,
) -> None:
    """Rows from one database to the other, without a stop between; `into` a temporary table, if named."""
    columns = columns or columns_of(old, table)
    if into:
        new.execute(f"create temporary table {into} (like {table}) on commit drop")
    with (
        old.cursor().copy(
            f"copy (select {columns} from {table} as t where {where}) to stdout"
        ) as out,
        new.cursor().copy(f"copy {into or table} ({columns.replace('t.', '')}) from stdin") as in_,
    ):
        for data in out:
            in_.write(data)


def _make_months(old: "Connection", new: "Connection") -> None:
    """The months that the rows need."""
    months = old.execute(
        "select distinct to_char(x.created_at at time zone 'UTC', 'YYYY-MM-01') from ("
        " select g.created_at from moving_generations as m"
        " join ai.generations as g on g.id = m.id and g.lenser_id = m.lenser_id"
        " union all select c.created_at from moving_owners as o join billing.charges as c on c.lenser_id = o.id"
        " union all select c.created_at from moving_owners as o join billing.holds as c on c.lenser_id = o.id"
        " union all select c.created_at from moving_owners as o join billing.ledger_entries as c on c.lenser_id = o.id"
        ") as x"
    ).fetchall()
    for (month,) in months:
        new.execute(
            "select ratebook.make_partitions(p::text::regclass, m, m + interval '1 day')"
            " from ratebook.partitioned_tables() as p, (select %s::timestamp at time zone 'UTC') as t (m)",
            [month],
        )


def _leave(map_: "Connection", old: "Connection", partition: int, wait: float) -> int:
    """Remove the rows of a partition where it came from; reads that were under way have ended by then."""
    _let_finish(map_, partition, wait)
    _let_end(old, wait)
    removed = _remove(old, partition)
    map_.execute(
        "update shards.partitions set state = 'serving', other = null, since = now() where partition = %s",
        [partition],
    )
    return removed


def _remove(connection: "Connection", partition: int) -> int:
    """Remove the rows of a partition's owners from a shard that it is not on; returns how many.

    Some owners at a time: the shard's other calls wait for as long as one of these transactions. Profiles stay, since
    others' rows may point to them.
    """
    owners = [
        owner
        for (owner,) in connection.execute(
            f"select p.id from lensers.profiles as p where {PARTITION_OF.format('p.id')} = %s",
            [partition],
        )
    ]
    tables = _tables(connection)
    removed = 0
    for first in range(0, len(owners), _BATCH):
        with connection.transaction():
            for statement in _TEMPORARY.values():
                connection.execute(statement)
            connection.execute(
                "insert into moving_owners select unnest(%s::uuid[])",
                [owners[first : first + _BATCH]],
            )
            connection.execute(_GENERATIONS)
            there = [
                table
                for table, where in tables.items()
                if value(connection, f"select exists (select from {table} as t where {where})")
            ]
            if there:
                removed += _remove_chosen(connection, {table: tables[table] for table in there})
    return removed


def _remove_chosen(connection: "Connection", tables: dict[str, str]) -> int:
    # As a drain does: nobody else writes roll-ups; what is not counted yet is, and then all of it is taken back.
    connection.execute(
        "select pg_advisory_xact_lock(hashtextextended('ratebook.usage_rollups', 0))"
    )
    connection.execute(
        "with taken as ("
        " delete from ratebook.usage_deltas as d where d.owner_id in (select o.id from moving_owners as o)"
        " returning d as delta), all_ as (select array_agg(t.delta) as deltas from taken as t)"
        " select ratebook.add_usage(a.deltas, null, null) from all_ as a where a.deltas is not null"
    )
    connection.execute(
        "select ratebook.add_usage(array_agg(row(x.kind, x.sign, x.counts_at, x.owner_id, x.model_id, x.feature_key,"
        " x.status, x.usage, x.latency_ms, x.charge_id, x.refunded)::ratebook.usage_deltas), null, null)"
        f" from (select *, row_number() over () / {_ROWS} as part from ({_DELTAS}) as y) as x group by x.part",
        {"sign": -1},
    )
    removed = 0
    with _unguarded(connection, list(tables)):
        connection.execute("set local session_replication_role = replica")
        for table, where in tables.items():
            removed += connection.execute(f"delete from {table} as t where {where}").rowcount
        connection.execute("set local session_replication_role = origin")
    # The rest is of generations that stay, since a team of this shard paid for them.
    connection.execute(f"delete from ratebook.usage_cells as t where {_COUNTED}")
    connection.execute(
        "delete from ratebook.usage_cells as t where t.owner_id in (select o.id from moving_owners as o)"
        " and (t.requests, t.failures, t.charges, t.credits, t.refunded) = (0, 0, 0, 0, 0)"
    )
    return removed


@contextmanager
def _unguarded(connection: "Connection", tables: list[str]) -> Iterator[None]:
    """Let the guards of history rest, which are for those who change it: these rows are history elsewhere by now."""
    guards = connection.execute(
        "select t.tgrelid::regclass::text, quote_ident(t.tgname) from pg_trigger as t"
        " where t.tgrelid::regclass::text = any(%s) and t.tgenabled = 'A' and t.tgtype::integer & 8 > 0"
        " and not t.tgisinternal order by 1, 2",
        [tables],
    ).fetchall()
    _lock(connection, sorted({table for table, _ in guards}))
    for table, guard in guards:
        connection.execute(f"alter table {table} disable trigger {guard}")
    yield
    for table, guard in guards:
        connection.execute(f"alter table {table} enable always trigger {guard}")


def _lock(connection: "Connection", tables: list[str]) -> None:
    """Lock tables against writers, who wait for a tenth of a second at most each time that it does not succeed."""
    import psycopg

    if not tables:
        return
    for tries in range(600):
        try:
            with connection.transaction():
                connection.execute("set local lock_timeout = '100ms'")
                connection.execute(f"lock table {', '.join(tables)} in share row exclusive mode")
                return
        except psycopg.errors.LockNotAvailable:
            time.sleep(min(0.01 * (tries + 1), 0.2))
    raise RatebookError(
        "The shard's tables are never free.", "End long transactions there, and run this again."
    )
