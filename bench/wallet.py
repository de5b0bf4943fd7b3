"""How fast the wallet charges, next to a bare function that debits one row, in the same run.

    make bench                            # or: .venv-bench/bin/python -m bench.wallet --seconds 5 --entries 100000

The floors do no pricing and know no policies, lots or budgets. The bare function debits one row and inserts as many
rows as a charge does, into plain tables with a primary key; another one into tables with the columns, checks and
indexes of the real ones; the bulk insert does that for a hundred at once. Calls a second are of 16 clients that have
the machine to themselves; CPU of a call, the least of many blocks in turn, is what a shared machine can tell, too.
Every figure is a ratio of the same run and machine: absolute times move, ratios stay.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import psycopg

from bench.pricing import row, say, show
from tools import schema, servers
from tools.project import Project
from tools.servers import Server

ROOT = Path(__file__).parent.parent
DATABASE = "bench"
ACCOUNTS = 1_000
CLIENTS = 16
USAGE = json.dumps({"input": 4000, "output": 500, "cache_read": 12000})
SETTINGS = {"shared_buffers": "1GB", "max_wal_size": "8GB"}
TABLES = (
    "ai.generations",
    "billing.charges",
    "billing.charge_costs",
    "billing.ledger_entries",
    "billing.idempotency_keys",
)

SETUP = """
insert into ai.providers (key, name) values ('acme', 'Acme');
insert into ai.models (key, name, provider_id)
select 'model-' || i, 'M', (select id from ai.providers) from generate_series(1, 100) as i;
insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from)
select m.id, x.meter, x.price * 0.000001, '2026-01-01Z'
from ai.models as m, (values ('input', 1.5), ('output', 7.5), ('cache_read', 0.15)) as x (meter, price);
insert into billing.credit_rates (currency, credits_per_currency_unit, effective_from)
values ('USD', 1000, '2025-01-01Z');
insert into billing.execution_margin_policies (margin, effective_from) values (0.3, '2025-01-01Z');

create table public.wallets (number integer primary key, id uuid not null, balance numeric not null)
with (fillfactor = 50);
insert into public.wallets select i, gen_random_uuid(), 1e12 from generate_series(0, {accounts}) as i;
insert into lensers.profiles (id) select id from public.wallets;
select billing.grant_credits(w.id, 1e9) from public.wallets as w;
create table public.rows_a (
  id uuid primary key, account_id uuid, amount numeric, body jsonb, created_at timestamptz
);
create table public.rows_b (like public.rows_a including all);
create table public.rows_c (like public.rows_a including all);
create table public.rows_d (like public.rows_a including all);
create table public.rows_e (like public.rows_a including all);

create function public.bare_debit(p_number integer, p_amount numeric, p_body jsonb) returns numeric
language plpgsql as $$
declare
  v_id uuid;
  v_balance numeric;
begin
  update public.wallets set balance = balance - p_amount where number = p_number and balance >= p_amount
  returning id, balance into v_id, v_balance;
  insert into public.rows_a values (gen_random_uuid(), v_id, p_amount, p_body, clock_timestamp());
  insert into public.rows_b values (gen_random_uuid(), v_id, p_amount, p_body, clock_timestamp());
  insert into public.rows_c values (gen_random_uuid(), v_id, p_amount, null, clock_timestamp());
  insert into public.rows_d values (gen_random_uuid(), v_id, p_amount, null, clock_timestamp());
  insert into public.rows_e values (gen_random_uuid(), v_id, p_amount, p_body, clock_timestamp());
  return v_balance;
end;
$$;

create function public.debit_same_rows(p_number integer, p_amount numeric, p_body jsonb, p_key text) returns numeric
language plpgsql as $$
declare
  v_id uuid;
  v_balance numeric;
  v_at timestamptz := clock_timestamp();
  v_charge uuid := ratebook.uuid_v7(v_at);
  v_generation uuid := ratebook.uuid_v7(v_at);
begin
  update public.wallets set balance = balance - p_amount where number = p_number and balance >= p_amount
  returning id, balance into v_id, v_balance;
  insert into public.generations (id, lenser_id, model_id, usage, status, created_at)
  values (v_generation, v_id, v_charge, p_body, 'completed', v_at);
  insert into public.charges (
    id, lenser_id, account_id, spender_id, generation_id, model_id, usage, service_tier, priced_at, lines,
    credits, created_at
  ) values (
    v_charge, v_id, v_id, v_id, v_generation, v_charge, p_body, 'standard', v_at, p_body, p_amount, v_at
  );
  insert into public.charge_costs values (v_charge, v_id, 'USD', p_amount, v_id, v_id, array[v_id, v_charge]);
  insert into public.ledger_entries (
    id, lenser_id, account_id, number, kind, amount, balance_after, grant_id, charge_id, effective_at, created_at
  ) values (
    ratebook.uuid_v7(v_at), v_id, v_id, 1, 'charge', -p_amount, v_balance, v_id, v_charge, v_at, v_at
  );
  insert into public.idempotency_keys values (v_id, v_id, 'charge_generation', p_key, p_body, p_body, v_at);
  return v_balance;
end;
$$;

create function public.bulk_insert(p_first integer, p_size integer, p_body jsonb) returns void
language plpgsql as $$
declare
  v_at timestamptz := clock_timestamp();
  v_ids uuid[] := array(select ratebook.uuid_v7(v_at) from generate_series(1, p_size));
  v_accounts uuid[] := array(select id from public.wallets where number >= p_first order by number limit p_size);
begin
  update public.wallets set balance = balance - 12.3 where number between p_first and p_first + p_size - 1;
  insert into public.generations (id, lenser_id, model_id, usage, status, created_at)
  select i, a, i, p_body, 'completed', v_at from unnest(v_ids, v_accounts) as n (i, a);
  insert into public.charges (
    id, lenser_id, account_id, spender_id, generation_id, model_id, usage, service_tier, priced_at, lines,
    credits, created_at
  )
  select i, a, a, a, i, i, p_body, 'standard', v_at, p_body, 12.3, v_at from unnest(v_ids, v_accounts) as n (i, a);
  insert into public.charge_costs
  select i, a, 'USD', 12.3, i, i, array[i] from unnest(v_ids, v_accounts) as n (i, a);
  insert into public.ledger_entries (
    id, lenser_id, account_id, number, kind, amount, balance_after, grant_id, charge_id, effective_at, created_at
  )
  select i, a, a, 1, 'charge', -12.3, 1, i, i, v_at, v_at from unnest(v_ids, v_accounts) as n (i, a);
  insert into public.idempotency_keys
  select a, a, 'charge_generation', gen_random_uuid()::text, p_body, p_body, v_at from unnest(v_accounts) as n (a);
end;
$$;
"""
# One account each, so that blocks in turn meet rows of their own.
CALLS = {
    "bare": f"select public.bare_debit(1, 12.3, '{USAGE}')",
    "charge": "select billing.charge_generation((select id from public.wallets where number = 2), 'model-7',"
    f" '{USAGE}', idempotency_key => gen_random_uuid()::text)",
    "pair": "select billing.capture_hold((billing.authorize_credits((select id from public.wallets where number = 3),"
    f" model => 'model-7', usage => '{USAGE}', idempotency_key => gen_random_uuid()::text) ->> 'hold_id')::uuid,"
    f" usage => '{USAGE}', idempotency_key => gen_random_uuid()::text)",
}


class Bench:
    def __init__(self, server: Server, pgbench: str, seconds: int) -> None:
        self.server, self.pgbench, self.seconds = server, pgbench, seconds

    def rate(self, statement: str, accounts: int, clients: int = CLIENTS) -> float:
        """Transactions a second; :number is a random account of so many, :key a fresh key."""
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
            script.write(f"\\set number random(1, {accounts})\n{statement}\n")
            script.flush()
            done = subprocess.run(
                [self.pgbench, "-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(self.seconds),
                 "-f", script.name, self.server.dsn(DATABASE)],
                text=True, capture_output=True, check=False,
            )  # fmt: skip
        found = re.search(r"tps = ([\d.]+)", done.stdout)
        if done.returncode or found is None:
            raise SystemExit(done.stderr[-2000:])
        return float(found[1])

    def charge(self, accounts: int) -> float:
        return self.rate(
            "select billing.charge_generation((select id from public.wallets where number = :number),"
            f" 'model-7', '{USAGE}', idempotency_key => gen_random_uuid()::text);",
            accounts,
        )

    def bare(self, accounts: int) -> float:
        return self.rate(f"select public.bare_debit(:number, 12.3, '{USAGE}');", accounts)

    def same_rows(self, accounts: int) -> float:
        return self.rate(
            f"select public.debit_same_rows(:number, 12.3, '{USAGE}', gen_random_uuid()::text);",
            accounts,
        )

    def batch(self, size: int = 100) -> float:
        """Charges a second where each call takes so many, over as many accounts."""
        calls = self.rate(
            "select billing.charge_generations((select jsonb_agg(jsonb_build_object('account', w.id,"
            " 'model', 'model-7',"
            f" 'usage', '{USAGE}'::jsonb, 'idempotency_key', gen_random_uuid()))"
            f" from public.wallets as w where w.number between :number and :number + {size - 1}));",
            ACCOUNTS - size,
        )
        return calls * size

    def bulk(self, size: int = 100) -> float:
        return size * self.rate(
            f"select public.bulk_insert(:number, {size}, '{USAGE}');", ACCOUNTS - size
        )

    def cpu(self, rounds: int = 100, calls: int = 20) -> dict[str, float]:
        """CPU µs of a call in its server process, the least of as many blocks in turn. Of Linux."""
        least = dict.fromkeys(CALLS, math.inf)
        with self.server.connect(DATABASE) as db:
            db.prepare_threshold = 1
            schedule = Path(f"/proc/{db.info.backend_pid}/schedstat")
            for _ in range(rounds):
                for name, statement in CALLS.items():
                    begin = int(schedule.read_text().split()[0])
                    for _ in range(calls):
                        db.execute(statement)
                    spent = int(schedule.read_text().split()[0]) - begin
                    least[name] = min(least[name], spent / calls / 1000)
        return least


def prepare(server: Server) -> None:
    """The schema, its demo accounts, and the floors beside it."""
    server.create_database(DATABASE)
    schema.build_truth(server, DATABASE, Project(ROOT))
    with server.connect(DATABASE) as db:
        db.execute(SETUP.replace("{accounts}", str(ACCOUNTS)))
        for name in TABLES:
            db.execute(f"create table public.{name.split('.')[1]} (like {name} including all)")
        db.execute(
            "select ratebook.make_partitions("
            "t.name, ratebook.clock() - interval '2 months', ratebook.clock())"
            " from ratebook.partitioned_tables() as t (name)"
        )
        db.execute("analyze")


def grow(db: psycopg.Connection[Any], entries: int) -> None:
    """So many more ledger entries and charges of other accounts, over the months that there are."""
    say(f"adding {entries:,} charges and ledger entries")
    db.execute("set session_replication_role = replica")
    for table, columns in (
        (
            "billing.charges (id, lenser_id, account_id, spender_id, priced_at, credits, created_at)",
            "n.id, w.id, w.id, w.id, n.at, 1, n.at",
        ),
        (
            "billing.ledger_entries (id, lenser_id, account_id, number, kind, amount, balance_after, grant_id,"
            " charge_id, effective_at, created_at)",
            "n.id, w.id, w.id, n.i, 'charge', -1, 0, w.id, n.id, n.at, n.at",
        ),
    ):
        db.execute(
            f"""
            insert into {table}
            select {columns}
            from (
              select i, t.at, ratebook.uuid_v7(t.at) as id
              from generate_series(1, {entries}) as i
              cross join lateral (
                select ratebook.clock() - 30 * interval '1 day' * random() as at where i > 0
              ) as t
            ) as n
            inner join public.wallets as w on w.number = 1 + n.i % {ACCOUNTS}
            """
        )
    db.execute("set session_replication_role = origin")
    db.execute(
        "vacuum analyze billing.charges, billing.ledger_entries, billing.accounts, billing.grants"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=10, help="how long each rate is measured")
    parser.add_argument(
        "--entries",
        type=int,
        default=5_000_000,
        help="ledger entries to grow to (default 5,000,000)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    pgbench = shutil.which("pgbench", path="/usr/lib/postgresql/15/bin") or shutil.which("pgbench")
    if pgbench is None:
        say("pgbench is not installed: install the Debian package postgresql-15.")
        return 2

    table = []
    with servers.start(18, SETTINGS) as server:
        prepare(server)
        bench = Bench(server, pgbench, options.seconds)
        bench.charge(ACCOUNTS)  # the first charge of an account looks up what the next ones know
        for accounts, where, aims in (
            (ACCOUNTS, f"over {ACCOUNTS:,} accounts", (">= 0.25", ">= 0.5")),
            (1, "on one account", (">= 0.55", "")),
        ):
            say(f"charging {where}")
            bare, same, charges = (
                bench.bare(accounts),
                bench.same_rows(accounts),
                bench.charge(accounts),
            )
            table += [
                row(f"charge_generation {where}", f"{charges:.0f}/s", f"bare function {bare:.0f}/s",
                    charges / bare, aims[0]),
                row(f"charge_generation {where}", f"{charges:.0f}/s",
                    f"bare function, same indexes {same:.0f}/s", charges / same, aims[1]),
            ]  # fmt: skip
        say("charging in batches of 100")
        batch, bulk = bench.batch(), bench.bulk()
        table.append(
            row("charges in batches of 100", f"{batch:.0f}/s", f"bulk insert of the same rows {bulk:.0f}/s",
                batch / bulk, ">= 0.45")
        )  # fmt: skip
        if Path("/proc/self/schedstat").exists():
            say("measuring CPU")
            cpu = bench.cpu()
            table += [
                row("CPU of a charge", f"{cpu['charge']:.0f} µs", f"bare function {cpu['bare']:.0f} µs",
                    cpu["charge"] / cpu["bare"], ""),
                row("CPU of a hold and its capture", f"{cpu['pair']:.0f} µs", f"a charge {cpu['charge']:.0f} µs",
                    cpu["pair"] / cpu["charge"], "<= 2.5"),
            ]  # fmt: skip
        with server.connect(DATABASE) as db:
            before = bench.charge(ACCOUNTS)
            found = db.execute("select count(*) from billing.ledger_entries").fetchone()
            assert found is not None
            grow(db, options.entries - found[0])
        after = bench.charge(ACCOUNTS)
        table.append(
            row(f"{options.entries:,} ledger entries instead of {found[0]:,}", f"{after:.0f}/s",
                f"before {before:.0f}/s", before / after, "<= 1.2")
        )  # fmt: skip

    say("charging with fsync and synchronous_commit on")
    with servers.start(18, SETTINGS | servers.DURABLE) as server:
        prepare(server)
        bench = Bench(server, pgbench, options.seconds)
        bench.charge(ACCOUNTS)
        bare, charges = bench.bare(ACCOUNTS), bench.charge(ACCOUNTS)
        table.append(
            row(f"durable: charge_generation over {ACCOUNTS:,} accounts", f"{charges:.0f}/s",
                f"bare function {bare:.0f}/s", charges / bare, ">= 0.32")
        )  # fmt: skip

    show(table, as_json=options.json)
    say(f"load of the machine: {', '.join(f'{load:.1f}' for load in os.getloadavg())}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
