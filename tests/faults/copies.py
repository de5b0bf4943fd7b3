"""A database with something of everything, and what its copy has to equal."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import psycopg
import pytest

from tests.faults.load import Load
from tests.faults.wallet import Connection, Shop, call, charge, token
from tools.project import clean_environment, supabase
from tools.servers import Server

Contents = dict[str, tuple[int, str]]

TABLES = """
select c.oid::regclass::text
from pg_class as c
where c.relkind in ('r', 'p') and not c.relispartition
  and c.relnamespace::regnamespace::text
    in ('ai', 'billing', 'lensers', 'media', 'content', 'compat', 'execution', 'ratebook', 'auth')
  -- What a database says of itself.
  and c.oid::regclass::text not in ('ratebook.manifest', 'ratebook.found')
order by 1
"""
GUARDS = """
select t.tgrelid::regclass::text, t.tgname, t.tgenabled::text
from pg_trigger as t where not t.tgisinternal order by 1, 2
"""
# What people enter, change and take back: catalogue, prices with tiers, windows and thresholds, owners' rows in old
# months, a budget, an allowance, a team wallet, an erased lenser.
FURNITURE = """
insert into auth.users (id, email)
select md5(n)::uuid, n || '@example.com' from unnest(array['ada', 'bob', 'eve']) as n;
insert into lensers.user_roles (user_id, role) values (md5('ada')::uuid, 'admin'), (md5('bob')::uuid, 'admin');
delete from lensers.user_roles where user_id = md5('bob')::uuid;

insert into ai.meters (key, name, description, unit_type, falls_back_to)
values ('daydream', 'Daydreams', 'A token of no use.', 'tokens', 'output');
update ai.service_tiers set description = 'Answered overnight.' where key = 'batch';
insert into ai.features (key) values ('chat'), ('draw');
update ai.features set key = 'paint' where key = 'draw';
insert into ai.models (key, name, provider_id, is_default)
select 'd' || n, 'D' || n, p.id, true from ai.providers as p, generate_series(1, 3) as n;
delete from ai.models where key = 'd1';
insert into ai.model_aliases (model_id, alias) select id, 'default' from ai.models where key = 'd3';
insert into ai.feature_model_policies (feature_key, model_id)
select 'chat', id from ai.models where key in ('m', 'd3');
insert into ai.model_pricing (model_id, meter, price_per_unit, service_tier, context_threshold, effective_from)
select m.id, 'output', n / 1e6, t.tier, nullif(n, 1) * 1000, '2025-01-01Z'::timestamptz + n * interval '1 week'
from ai.models as m, generate_series(1, 4) as n, unnest(array['standard', 'batch']) as t (tier)
where m.key in ('m', 'd2');
insert into ai.model_pricing (
  model_id, meter, price_per_unit, window_start, window_end, window_days, window_time_zone, effective_from
)
select id, 'output', 0.0000005, '22:00', '06:00', 127, 'Asia/Shanghai', '2025-03-01Z' from ai.models where key = 'd2';
update ai.models set description = 'It''s 50% off; say "\\." for more' where key = 'd2';

insert into media.objects (lenser_id, bucket, path) values (md5('bob')::uuid, 'b', 'one.png');
insert into content.media_library (lenser_id, object_id, title)
select lenser_id, id, E'a\\tb\\nCOPY ai.models FROM stdin;\\nINSERT INTO x.y (' from media.objects;
select ai.backfill_generations(jsonb_agg(jsonb_build_object(
  'lenser_id', md5(case when n % 3 = 0 then 'eve' else 'bob' end)::uuid, 'model_id', m.id, 'feature_key', 'chat',
  'created_at', now() - n * interval '1 day', 'usage', '{"input": 3}'::jsonb,
  'prompt', E'line one\\n\\\\.\\nit''s; \\t' || n || E'\\n-- x\\n\\\\! y'
))) from ai.models as m, generate_series(1, 200) as n where m.key = 'm';
select ai.erase_lenser(md5('eve')::uuid);

insert into billing.accounts (id, lenser_id, low_balance_mark) values (md5('bob')::uuid, md5('bob')::uuid, 50);
select billing.create_recurring_grant(md5('bob')::uuid, 100, starts_at => now() - interval '3 months');
select billing.set_member(md5('bob')::uuid, md5('ada')::uuid, 1000);
insert into billing.budgets (lenser_id, period, soft_limit) values (md5('bob')::uuid, 'month', 1);
select billing.grant_credits(md5('bob')::uuid, 200, idempotency_key => 'bob');
select billing.charge_generation(
  md5('bob')::uuid, 'm', '{"input": 60000}', feature => 'chat', idempotency_key => 'bob'
);
"""


def furnish(shop: Shop) -> None:
    """Something in every table that a copy has to bring along."""
    with shop.connect() as backend, shop.server.connect(shop.name) as db:
        for statement in FURNITURE.split(";\n"):
            if statement.strip():
                by = backend if "select billing." in statement else db
                by.execute(statement.encode())


def contents(db: Connection) -> Contents:
    """Rows and a checksum of each table."""
    found = {}
    for (table,) in db.execute(TABLES).fetchall():
        row = db.execute(
            f"select count(*), md5(coalesce(string_agg(t::text, ' ' order by t::text), '')) from {table} as t"
        ).fetchone()
        assert row is not None
        found[table] = row
    return found


def assert_goes_on(copy: Shop) -> None:
    """A copy is sound, is guarded, writes its history with numbers of its own, and charges."""
    assert copy.db.execute("select * from ai.self_check() where severity <> 'ok'").fetchall() == []
    assert copy.broken() == []
    assert copy.value("select count(*) from ratebook.unmatched_references()") == 0
    last = copy.value("select max(id) from lensers.audit_history")
    copy.db.execute("update ai.models set description = 'copied' where key = 'n'")
    assert (
        copy.value(
            "select count(*) from lensers.audit_history where id > %s and table_name = 'ai.models'",
            last,
        )
        == 1
    )
    copy.db.execute(
        "insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from)"
        " select id, 'output', 0.001, '2025-01-01Z' from ai.models where key = 'n'"
    )
    with copy.connect() as client:
        (newcomer,) = copy.lensers(1)
        call(client, "grant_credits", account=newcomer, amount=13, idempotency_key="g")
        paid = call(client, "charge_generation", **charge(newcomer, 1000, "c"))
        assert paid["balance"]["available"] == "10.4"
        usage = {"input": 500, "output": 1}
        paid = call(
            client,
            "charge_generation",
            account=newcomer,
            model="n",
            usage=usage,
            idempotency_key="d",
        )
        assert paid["credits"] == "2.6"  # 0.000002 x 500 + 0.001 USD, 1,000 credits each, 30 %
    for history in ("billing.ledger_entries", "ai.model_pricing", "lensers.audit_history"):
        for role in ("origin", "replica"):
            copy.db.execute(f"set session_replication_role = {role}")
            with pytest.raises(psycopg.Error) as refused:
                copy.db.execute(f"delete from {history}")
            assert token(refused.value) == "PT409 append_only"
    copy.db.execute("reset session_replication_role")
    assert copy.broken() == []


# The sheets of every model, without the numbers that rows are known by.
SHEETS = """
select m.key, s.source, s.currency, s.starts, to_jsonb(p) - 'id' - 'schedule_id', w.windows
from ratebook.price_schedules as s
join ai.models as m on m.id = s.model_id
join ratebook.price_sheets as p on p.schedule_id = s.id
left join lateral (
  select jsonb_agg(to_jsonb(w) - 'schedule_id' order by w.period, w.number) as windows
  from ratebook.price_windows as w where w.schedule_id = s.id
) as w on true
order by 1, 2, 3, 5
"""


def assert_rebuilding_changes_no_sheet(copy: Shop) -> None:
    """Derived rows are copied; worked out anew they are the same."""
    with copy.db.transaction(force_rollback=True):
        db = copy.db
        before = db.execute(SHEETS).fetchall()
        assert len(before) > 10
        db.execute(
            "select ratebook.rebuild_prices(array("
            "select (model_id, source, currency, '-infinity')::ratebook.changed_prices"
            " from ai.model_pricing group by model_id, source, currency))"
        )
        assert db.execute(SHEETS).fetchall() == before


# Of tables that refer to themselves, in dumps of data alone: foreign keys rest while they are loaded.
_IS_OF_NO_ACCOUNT = re.compile("pg_dump: (warning: there are circular foreign-key|detail: |hint: )")


def run(server: Server, program: str, *arguments: str | Path, **environment: str) -> None:
    """Run a program of a server's version; it has to end well, and in silence."""
    done = subprocess.run(
        [server.bin(program), *arguments],
        check=False,
        capture_output=True,
        text=True,
        env=clean_environment() | environment,
    )
    said = [line for line in done.stderr.splitlines() if not _IS_OF_NO_ACCOUNT.match(line)]
    assert (done.returncode, said) == (0, [])


def supabase_dump(server: Server, db: str, target: Path, *flags: str) -> Path:
    """The file that `supabase db dump` writes: its own script, which it would run in Docker, with our pg_dump."""
    url = "postgresql://postgres@localhost:5432/postgres?sslmode=disable"
    done = supabase(["db", "dump", "--dry-run", *flags], workdir=target.parent, database=url)
    assert done.returncode == 0, done.stderr
    script = done.stdout[done.stdout.index("#!") :]
    assert re.search(r"^pg_dump", script, re.MULTILINE)
    where = {"PGHOST": str(server.folder), "PGDATABASE": db, "PGUSER": "postgres", "PGPASSWORD": ""}
    for name, value in where.items():
        script, count = re.subn(rf"(?m)^export {name}=.*$", f'export {name}="{value}"', script)
        assert count == 1, name
    programs = server.bin("pg_dump").parent
    with target.open("w") as file:
        done = subprocess.run(
            ["bash", "-c", script],
            check=False,
            stdout=file,
            stderr=subprocess.PIPE,
            text=True,
            env=clean_environment() | {"PATH": f"{programs}:{os.environ['PATH']}"},
        )
    said = [line for line in done.stderr.splitlines() if not _IS_OF_NO_ACCOUNT.match(line)]
    assert (done.returncode, said) == (0, [])
    return target


@contextmanager
def busy(load: Load) -> Iterator[None]:
    """Load while something else happens."""
    stop = Event()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(load.run, 4, None, stop)
        try:
            yield
        finally:
            stop.set()
            running.result()
