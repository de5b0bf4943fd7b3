"""What is charged plainly is charged as in general: two wallets with one life, one of which is never plain."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import psycopg
import pytest

LIVES = int(os.environ.get("RATEBOOK_EXAMPLES", "500")) // 125
STEPS = 150
NOW = datetime(2026, 3, 29, 12, tzinfo=UTC)
WALLETS = ("10000000-0000-4000-8000-000000000001", "10000000-0000-4000-8000-000000000002")

# A call's answer, or how it is refused: without ids and times of entries, which differ.
SETUP = """
-- First: offers are made from now on. Set, not made anew: that would make every plan anew at each step.
create or replace function ratebook.clock() returns timestamptz language plpgsql volatile parallel safe
set search_path = pg_catalog, pg_temp
as $$ begin return current_setting('test.clock')::timestamptz; end $$;
insert into ai.providers (key, name) values ('p', 'P');
insert into ai.models (key, name, provider_id, is_active)
select m.key, m.key, p.id, m.key <> 'off' from ai.providers as p, (values ('a'), ('b'), ('off')) as m (key)
where p.key = 'p';
insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from)
select m.id, p.meter, p.price, '2026-01-01Z'
from ai.models as m, (values ('input', 0.5), ('output', 1.25)) as p (meter, price);
insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from, context_threshold)
select m.id, 'input', 0.75, '2026-01-01Z', 6 from ai.models as m where m.key = 'b';
insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from)
select m.id, 'input', 0.6, '2026-04-02Z' from ai.models as m where m.key = 'a';
insert into ai.features (key) values ('chat');
insert into billing.credit_rates (currency, credits_per_currency_unit, effective_from) values ('USD', 1, '2026-01-01Z');
insert into billing.execution_margin_policies (margin, effective_from) values (0.1, '2026-01-01Z');
select ratebook.make_partitions(t.name, '2026-02-01Z', '2026-08-01Z') from ratebook.partitioned_tables() as t (name);
create table pg_temp.ways (call text, is_plain boolean);
set local track_functions = 'pl';

create function pg_temp.charge(p_is_plain boolean, p_request ratebook.charge_request) returns jsonb
language plpgsql as $$
declare
  v_answer jsonb;
begin
  if p_is_plain then
    v_answer := ratebook.charge_plainly(p_request);
    insert into pg_temp.ways values ('charge', v_answer is not null);
  end if;
  return coalesce(v_answer, ratebook.charge_in_general(p_request));
end
$$;
create function pg_temp.calls_of(p_name name) returns bigint
language sql as $$
  select coalesce(sum(f.calls), 0)::bigint from pg_stat_xact_user_functions as f where f.funcname = p_name
$$;
create function pg_temp.hold(p_is_plain boolean, p_amount numeric, p_ends interval, p_request ratebook.charge_request)
returns jsonb
language plpgsql as $$
declare
  v_answer jsonb;
begin
  if p_is_plain and p_amount is null then
    v_answer := ratebook.hold_plainly(p_ends, p_request);
    insert into pg_temp.ways values ('hold', v_answer is not null);
  end if;
  return coalesce(v_answer, ratebook.hold_in_general(p_amount, p_ends, p_request));
end
$$;
create function pg_temp.capture(p_is_plain boolean, p_hold uuid, p_amount numeric, p_usage jsonb, p_key text)
returns jsonb
language plpgsql as $$
declare
  v_before constant bigint := pg_temp.calls_of('capture_in_general');
  v_answer jsonb;
begin
  if not p_is_plain then
    return ratebook.capture_in_general(
      p_hold, p_amount, p_usage, null, null, null, 'o', 7, false, null, null, p_key, null
    );
  end if;
  v_answer := ratebook.capture_hold(
    p_hold, p_amount, p_usage, null, null, null, 'o', 7, false, null, null, p_key, null
  );
  insert into pg_temp.ways values ('capture', pg_temp.calls_of('capture_in_general') = v_before);
  return v_answer;
end
$$;
-- Batches of the one wallet are never paid plainly.
alter function ratebook.pay_plainly rename to pay_really_plainly;
create function ratebook.pay_plainly(
  p_accounts billing.accounts[], p_needed numeric[], p_priced ratebook.priced_charge[], p_at timestamptz
) returns billing.accounts[]
language plpgsql as $$
begin
  if p_accounts[1].id = '10000000-0000-4000-8000-000000000001' then
    return ratebook.pay_really_plainly(p_accounts, p_needed, p_priced, p_at);
  end if;
  return null;
end
$$;
create function pg_temp.batch(p_is_plain boolean, p_requests jsonb) returns jsonb
language plpgsql as $$
declare
  v_before constant bigint := pg_temp.calls_of('pay_in_general');
  v_answer constant jsonb := billing.charge_generations(p_requests);
begin
  if p_is_plain then
    insert into pg_temp.ways values ('batch', pg_temp.calls_of('pay_in_general') = v_before);
  end if;
  return v_answer;
end
$$;
create function pg_temp.said(p_statement text) returns jsonb
language plpgsql as $$
declare
  v_answer jsonb;
  v_detail text;
begin
  execute p_statement into v_answer;
  return v_answer;
exception when others then
  get stacked diagnostics v_detail = pg_exception_detail;
  return jsonb_build_object('code', sqlstate, 'error',
    case when v_detail like '{%' then v_detail::jsonb ->> 'error' end);
end
$$
"""
# What is left of a life: the account, its lots in their order, its entries by their lots, its charges, keys, signals.
# When the account was last written is left out: a charge whose key turns out to be answered has written that. The times
# of all else, which go on from it, are not.
STATE = """
with lots as (
  select g.*, row_number() over (order by g.id) as place from billing.grants as g where g.lenser_id = %(id)s
)
select
  (select to_jsonb(a) - '{id,lenser_id,is_plain,head_id,months_until,created_at,updated_at}'::text[]
    from billing.accounts as a where a.lenser_id = %(id)s),
  (select jsonb_agg(
    to_jsonb(l) - '{id,lenser_id,account_id,external_ref,recurring_grant_id}'::text[] order by l.place
  ) from lots as l),
  (select jsonb_agg(
    to_jsonb(e) - '{id,lenser_id,account_id,grant_id,charge_id,counterpart_id}'::text[]
    || jsonb_build_object('lot', l.place)
    order by e.number
  ) from billing.ledger_entries as e left join lots as l on l.id = e.grant_id where e.lenser_id = %(id)s),
  (select jsonb_agg(
    to_jsonb(c) - '{id,lenser_id,account_id,spender_id,generation_id,hold_id,estimate_id}'::text[]
    || jsonb_build_object(
      'cost', k.cost, 'prices', cardinality(k.price_ids), 'logged', g.status, 'used', g.usage, 'at', g.created_at
    )
    order by c.created_at, c.model_id, c.usage::text
  ) from billing.charges as c
  left join billing.charge_costs as k on k.id = c.id and k.lenser_id = c.lenser_id
  left join ai.generations as g on g.id = c.generation_id and g.lenser_id = c.lenser_id
  where c.lenser_id = %(id)s),
  (select jsonb_agg(jsonb_build_array(k.key, k.request - 'lenser', k.created_at) order by k.operation, k.key)
    from billing.idempotency_keys as k
    where k.lenser_id = %(id)s and k.operation in ('charge_generation', 'authorize_credits')),
  (select jsonb_agg(jsonb_build_array(k.request ->> 'usage', k.created_at) order by k.created_at)
    from billing.idempotency_keys as k where k.lenser_id = %(id)s and k.operation = 'capture_hold'),
  (select jsonb_agg(
    to_jsonb(h) - '{id,lenser_id,account_id,spender_id,charge_id,lots}'::text[] || jsonb_build_object('lots', (
      select jsonb_object_agg(l.place, v.value)
      from jsonb_each(h.lots) as v inner join lots as l on l.id::text = v.key
    ))
    order by h.id
  ) from billing.holds as h where h.lenser_id = %(id)s),
  (select jsonb_agg(
    jsonb_build_array(o.topic, o.payload - 'budget', o.created_at) order by o.created_at, o.topic, o.payload - 'budget'
  )
    from billing.outbox as o where o.lenser_id = %(id)s),
  (select jsonb_agg(jsonb_build_array(p.starts_on, p.spent) order by p.starts_on, p.spent)
    from billing.budget_periods as p where p.lenser_id = %(id)s)
"""

WRONG_HEADS = """
select a.id from billing.accounts as a where a.next_event_at > a.updated_at
  and a.head_id is not null and a.head_id is distinct from ratebook.head(a)
"""


def without_ids(value: Any) -> Any:
    if isinstance(value, list):
        return [without_ids(item) for item in value]
    if isinstance(value, dict):
        return {
            k: without_ids(v) for k, v in value.items() if k != "budget" and not k.endswith("_id")
        }
    return value


class Lives:
    """Two wallets in a transaction, and whatever happens to both; calm ones have credits, and less happens."""

    def __init__(self, db: psycopg.Connection[Any], random: Random, is_calm: bool) -> None:
        self.db, self.random, self.now, self.is_calm = db, random, NOW, is_calm
        self.made: dict[str, list[tuple[str, str]]] = {
            "hold_id": [],
            "charge_id": [],
            "grant_id": [],
        }
        self.set_clock()
        db.execute("insert into lensers.profiles (id) select unnest(%s::uuid[])", [list(WALLETS)])
        self.steps: tuple[Callable[[], None], ...] = (
            *[self.charge] * 12, *[self.grant] * 3, *[self.hold] * 4, *[self.capture] * 4, self.release,
            self.refund, self.settle, self.limits, self.budget, self.revoke, self.sweep, self.wait, self.wait,
            self.batch, self.batch,
        )  # fmt: skip
        if is_calm:
            self.steps = (
                *[self.charge] * 16, *[self.hold] * 12, *[self.capture] * 14, self.grant, self.release, self.refund,
                self.limits, self.wait, *[self.batch] * 4,
            )  # fmt: skip

    def set_clock(self) -> None:
        self.db.execute("select set_config('test.clock', %s, true)", [self.now.isoformat()])

    def both(self, statement: str, *names: str) -> None:
        """The statement for each, with {id}, {ref} and {plain}; what one answers the other does, but for ids."""
        self.now += timedelta(seconds=1)
        self.set_clock()
        pick = {name: self.random.randrange(9) for name in names}
        answers: list[dict[str, Any]] = []
        for place, wallet in enumerate(WALLETS):
            told = {
                name: self.made[name][-1 - pick[name] % len(self.made[name])][place]
                for name in names
            }
            text = statement.format(id=wallet, plain="true" if place == 0 else "false", **told)
            row = self.db.execute("select pg_temp.said(%s)", [text]).fetchone()
            assert row is not None
            answers.append(row[0] if isinstance(row[0], dict) else {"answer": row[0]})
        for name, made in self.made.items():
            if all(name in answer for answer in answers):
                made.append((answers[0][name], answers[1][name]))
        one, other = (without_ids(answer) for answer in answers)
        assert one == other, statement

    def usage(self) -> str:
        usage = {
            "input": self.random.choice((0, 1, 1, 2, 4, 9)),
            "output": self.random.choice((0, 1, 2, 3.5)),
        }
        return json.dumps(
            dict(self.random.sample(sorted(usage.items()), self.random.choice((1, 2))))
        )

    def model(self) -> str:
        return "a" if self.is_calm else self.random.choice(("a", "a", "a", "b", "b", "off", "none"))

    def request(self, lenser: str) -> str:
        key = self.random.choice(("null", "null", f"'key {self.random.randrange(60)}'"))
        feature = self.random.choice(("null", "null", "null", "'chat'"))
        return (
            "ratebook.make_charge_request('{id}', '" + self.model() + "', '"
            + self.usage().replace("{", "{{").replace("}", "}}")
            + f"', null, {feature}, null, null, null, {lenser}, null, 'p', null, 7, {key}, "
            + self.random.choice(("null", "'{id}'")) + ")"
        )  # fmt: skip

    def charge(self) -> None:
        lenser = self.random.choice(("null", "null", "'{id}'"))
        self.both("select pg_temp.charge({plain}, " + self.request(lenser) + ")")

    def batch(self) -> None:
        requests = []
        for _ in range(self.random.choice((1, 2, 2, 5))):
            key = f', "idempotency_key": "key {self.random.randrange(60)}"'
            requests.append(
                f'{{"account": "ID", "model": "{self.model()}", "usage": {self.usage()}'
                + self.random.choice(("", "", key)) + "}"
            )  # fmt: skip
        text = (
            f"[{', '.join(requests)}]".replace("{", "{{").replace("}", "}}").replace("ID", "{id}")
        )
        self.both("select pg_temp.batch({plain}, '" + text + "')")

    def grant(self) -> None:
        starts = self.random.choice(
            ("null", "null", "null", "ratebook.clock() + interval '9 hours'")
        )
        some = [f"ratebook.clock() + interval '{hours} hours'" for hours in (1, 10, 30, 200)]
        ends = self.random.choice(("null", "null", *some))
        self.both(
            "select billing.grant_credits('{id}', " + str(self.random.choice((1, 2.5, 5, 20, 60)) + 500 * self.is_calm)
            + f", priority => {self.random.randrange(3)}, starts_at => {starts}, expires_at => {ends})"
        )  # fmt: skip

    def hold(self) -> None:
        amount = self.random.choice(("null", "null", "null", "1", "3", "10"))
        ends = self.random.choice(
            ("3 seconds", "2 hours", "2 hours", "2 hours", "0 seconds", "8 days")
        )
        self.both(
            "select pg_temp.hold({plain}, " + amount + f", '{ends}', "
            + self.request(self.random.choice(("null", "null", "'{id}'"))) + ")"
        )  # fmt: skip

    def capture(self) -> None:
        if self.made["hold_id"]:
            amount, usage = self.random.choice(("null", "0", "0.5", "4", "12")), "null"
            if self.random.random() < 0.7:
                amount, usage = "null", f"'{self.usage()}'".replace("{", "{{").replace("}", "}}")
            key = self.random.choice(("null", "null", f"'capture {self.random.randrange(30)}'"))
            self.both(
                "select pg_temp.capture({plain}, '{hold_id}', " + f"{amount}, {usage}, {key})",
                "hold_id",
            )

    def release(self) -> None:
        if self.made["hold_id"]:
            self.both("select billing.release_hold('{hold_id}')", "hold_id")

    def refund(self) -> None:
        if self.made["charge_id"]:
            amount = self.random.choice(("null", "0.25"))
            self.both("select billing.refund_charge('{charge_id}', " + amount + ")", "charge_id")

    def settle(self) -> None:
        self.both(
            "select billing.charge_generation('{id}', 'a', '{{\"input\": 2}}', estimated => true)"
        )
        if self.made["charge_id"]:
            self.both("select billing.settle_charge('{charge_id}', amount => 1.5)", "charge_id")

    def limits(self) -> None:
        column = self.random.choice(("overdraft_limit", "low_balance_mark"))
        value = self.random.choice(("0", "3", "30"))
        self.both(
            "with a as (update billing.accounts set " + f"{column} = {value}" + " where id = '{id}' returning 1)"
            " select to_jsonb(count(*)) from a"
        )  # fmt: skip

    def budget(self) -> None:
        if self.random.random() < 0.7:
            self.both(
                "with b as (delete from billing.budgets where lenser_id = '{id}' returning 1)"
                " select to_jsonb(count(*)) from b"
            )
        else:
            self.both(
                "with b as (insert into billing.budgets (lenser_id, period, soft_limit, hard_limit) values ('{id}', '"
                + "day', 5, " + self.random.choice(("10", "100"))
                + ") on conflict do nothing returning 1) select to_jsonb(count(*)) from b"
            )  # fmt: skip

    def revoke(self) -> None:
        if self.made["grant_id"]:
            self.both("select billing.revoke_grant('{grant_id}')", "grant_id")

    def sweep(self) -> None:
        self.db.execute("select ratebook.sweep_accounts(10)")

    def wait(self) -> None:
        self.now += timedelta(hours=self.random.choice((0.5, 3, 12, 100)))
        self.set_clock()


@pytest.fixture(scope="module")
def world(superuser: psycopg.Connection[Any]) -> Iterator[psycopg.Connection[Any]]:
    """Models, prices and months in a transaction; each life is undone in it."""
    with superuser.transaction(force_rollback=True):
        superuser.execute("select set_config('test.clock', %s, true)", [NOW.isoformat()])
        superuser.execute(SETUP)
        yield superuser


@pytest.mark.parametrize("seed", range(LIVES))
def test_a_plain_charge_is_a_charge(world: psycopg.Connection[Any], seed: int) -> None:
    random = Random(seed)
    with world.transaction(force_rollback=True):
        # Every second life is calm.
        lives = Lives(world, random, seed % 2 == 1)
        lives.grant()
        for step in range(STEPS):
            random.choice(lives.steps)()
            if step % 10 == 9:
                one, other = (world.execute(STATE, {"id": wallet}).fetchone() for wallet in WALLETS)
                assert one == other
                assert world.execute(WRONG_HEADS).fetchall() == []
        ways = world.execute(
            "select w.call, count(*) filter (where w.is_plain), count(*) from pg_temp.ways as w group by w.call"
        ).fetchall()
        broken = world.execute(
            "select * from billing.self_check() where severity <> 'ok'"
        ).fetchall()
    # In a calm life most of it is plain, and never all.
    assert {call for call, plain, calls in ways if 0 < plain < calls} == {
        "charge",
        "hold",
        "capture",
        "batch",
    } or seed != 3
    assert broken == []
