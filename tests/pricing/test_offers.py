"""What has an offer is priced as it would be in general: random registries, changed in every way that offers follow."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import psycopg
import pytest
from psycopg import errors
from psycopg.types.json import Jsonb

REGISTRIES = int(os.environ.get("RATEBOOK_EXAMPLES", "250")) // 25
ROUNDS, REQUESTS = 10, 40
NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
METERS = ("input", "output", "cache_read", "reasoning", "image", "tokens", "web_search")
NAMES = ("a", "b", "c", "d", "x", "y", "z", "a2")

# One request both ways: what it is, or how it is refused. Offers tell whether it was priced by one.
BOTH = """
create function pg_temp.answer(p_way text, p_request jsonb, p_all boolean, p_lines boolean) returns jsonb
language plpgsql as $$
declare
  v_priced ratebook.priced_request;
  v_detail text;
begin
  execute format(
    'select * from ratebook.%I($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)', p_way
  ) into v_priced using p_request ->> 'model', p_request -> 'usage', p_request ->> 'feature',
    p_request ->> 'service_tier', p_request ->> 'variant', p_request ->> 'region', (p_request ->> 'at')::timestamptz,
    p_all, p_lines, p_request ->> 'source', p_request ->> 'currency',
    array(select jsonb_array_elements_text(p_request -> 'stated'));
  return to_jsonb(v_priced) - 'ends' || jsonb_build_object(
    'cost', trim_scale(v_priced.cost), 'credits', trim_scale(v_priced.credits),
    'lines', ('[' || v_priced.lines || ']')::jsonb, 'asked', ('{' || v_priced.asked || '}')::jsonb,
    'price_ids', case when p_lines is not null then to_jsonb(array(select unnest(v_priced.price_ids) order by 1)) end
  );
exception when others then
  get stacked diagnostics v_detail = pg_exception_detail;
  return jsonb_build_object('code', sqlstate, 'message', sqlerrm, 'detail', v_detail);
end
$$
"""
COMPARE = """
select r.request, b.one, b.other, exists (
  select from ratebook.offers as o
  where
    o.name = r.request ->> 'model' and o.service_tier = r.request ->> 'service_tier'
    and o.variant = coalesce(r.request ->> 'variant', '') and o.region = coalesce(r.request ->> 'region', '')
    and o.starts <= (r.request ->> 'at')::timestamptz and (r.request ->> 'at')::timestamptz < o.ends
) and b.one ? 'cost' and r.request -> 'stated' = '[]' and not r.request ? 'source'
from jsonb_array_elements(%s) with ordinality as r (request, n)
cross join lateral (
  select n %% 2 = 0 as sees_all, case n %% 3 when 0 then true when 1 then false end as lines
) as w
cross join lateral (
  select
    pg_temp.answer('price_request', r.request, w.sees_all, w.lines) as one,
    pg_temp.answer('price_in_general', r.request, w.sees_all, w.lines) as other
) as b
"""


class Registry:
    """Four models of two providers in a transaction, and whatever an admin may do to them."""

    def __init__(self, db: psycopg.Connection[Any], random: Random) -> None:
        self.db = db
        self.random = random
        self.now = NOW
        self.revision = 0
        self.set_clock()
        self.db.execute(
            "insert into ai.providers (key, name) values ('p', 'P'), ('q', 'Q');"
            " insert into ai.features (key) values ('chat'), ('draw');"
            " insert into ai.models (key, name, provider_id, valid_sizes)"
            " select m.key, m.key, p.id, m.sizes::text[] from (values ('a', 'p', '{}'), ('b', 'p', '{hd}'),"
            " ('c', 'q', '{}'), ('d', 'q', '{}')) as m (key, provider, sizes)"
            " inner join ai.providers as p on p.key = m.provider"
        )
        self.db.execute(
            "insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from, source)"
            " select m.id, p.meter, p.price, '2026-01-01Z', s.source from ai.models as m,"
            " (values ('tokens', 0.000003), ('image', 0.04), ('web_search', 0.01)) as p (meter, price),"
            " (values ('manual'), ('feed')) as s (source)"
        )
        self.steps: tuple[Callable[[], None], ...] = (
            *[self.price] * 4,
            self.rate,
            self.policy,
            self.policy,
            self.alias,
            self.alias,
            self.no_alias,
            self.change,
            self.change,
            self.delete,
            self.follow,
            self.succeed,
            self.chain,
            self.wait,
        )
        self.db.execute(
            "insert into billing.credit_rates (currency, credits_per_currency_unit, effective_from)"
            " values ('USD', 1000, '2026-01-01Z')"
        )
        self.db.execute(
            "insert into billing.execution_margin_policies (margin, effective_from) values (0.3, '2026-01-01Z')"
        )

    def set_clock(self) -> None:
        self.db.execute(
            "create or replace function ratebook.clock() returns timestamptz language sql volatile parallel safe"
            f" set search_path = '' return '{self.now.isoformat()}'::timestamptz"
        )

    def time(self) -> datetime:
        """One of few, around now."""
        return NOW + timedelta(days=self.random.choice((-60, -30, -7, -1, 0, 1, 7, 30)))

    def model(self) -> str:
        return self.random.choice("abcd")

    def price(self) -> None:
        for _ in range(self.random.randrange(1, 5)):
            self.revision += 1
            threshold = self.random.choice((None, None, None, 100, 1000))
            window = self.random.random() < 0.01
            withdrawn = self.random.random() < 0.1
            self.db.execute(
                "insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from, service_tier, variant,"
                " region, context_threshold, tier_mode, window_start, window_end, window_days, window_time_zone,"
                " source, currency, is_public, withdrawn, revision)"
                " select m.id, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s"
                " from ai.models as m where m.key = %s",
                [
                    self.random.choice((*METERS * 4, "request")),
                    None if withdrawn else self.random.randrange(1, 10_000) / 1e9,
                    self.time(),
                    self.random.choice(("standard", "standard", "batch", "flex")),
                    self.random.choice((None, None, None, "hd", "xl")),
                    self.random.choice((None, None, None, "eu")),
                    threshold,
                    self.random.choice(("whole_request", "marginal")),
                    "09:00" if window else None,
                    "17:00" if window else None,
                    127 if window else None,
                    "Europe/Berlin" if window else None,
                    self.random.choice(("manual", "manual", "manual", "feed")),
                    self.random.choice(("USD", "USD", "USD", "EUR")),
                    self.random.random() < 0.98,
                    withdrawn,
                    self.revision,
                    self.model(),
                ],
            )

    def rate(self) -> None:
        self.revision += 1
        self.db.execute(
            "insert into billing.credit_rates (currency, credits_per_currency_unit, effective_from, revision)"
            " values (%s, %s, %s, %s)",
            [
                self.random.choice(("USD", "EUR")),
                self.random.randrange(1, 2000),
                self.time(),
                self.revision,
            ],
        )

    def policy(self) -> None:
        self.revision += 1
        scope = self.random.choice(("model_id", "feature_id", "provider_id", "tier", "both", None))
        self.db.execute(
            "insert into billing.execution_margin_policies (model_id, feature_id, provider_id, tier, margin,"
            " fixed_credits, min_credits, minimum_applies_to_free, increment, enabled, effective_from, revision)"
            " select case when %(scope)s in ('model_id', 'both') then m.id end,"
            " case when %(scope)s in ('feature_id', 'both') then f.id end,"
            " case when %(scope)s = 'provider_id' then m.provider_id end,"
            " case when %(scope)s = 'tier' then 'free'::ai.model_tier_enum end,"
            " %(margin)s, %(fixed)s, %(least)s, %(free)s, %(increment)s, %(enabled)s, %(at)s, %(revision)s"
            " from ai.models as m, ai.features as f where m.key = %(model)s and f.key = %(feature)s",
            {
                "scope": scope,
                "margin": self.random.choice((-0.5, 0, 0.3)),
                "fixed": self.random.choice((0, 0, 0.5)),
                "least": self.random.choice((0, 0, 2)),
                "free": self.random.random() < 0.3,
                "increment": self.random.choice((0.001, 0.01, 1)),
                "enabled": self.random.random() < 0.8,
                "at": self.time(),
                "revision": self.revision,
                "model": self.model(),
                "feature": self.random.choice(("chat", "draw")),
            },
        )

    def alias(self) -> None:
        self.db.execute(
            "insert into ai.model_aliases (alias, model_id) select %s, m.id from ai.models as m where m.key = %s"
            " on conflict do nothing",
            [self.random.choice(("x", "y", "z", "a2")), self.model()],
        )

    def no_alias(self) -> None:
        self.db.execute(
            "delete from ai.model_aliases where alias = %s", [self.random.choice(("x", "y", "z"))]
        )

    def change(self) -> None:
        column, value = self.random.choice(
            (
                ("is_public", self.random.random() < 0.85),
                ("is_active", self.random.random() < 0.7),
                ("pricing_tier", self.random.choice((None, "free", "paid"))),
                ("valid_sizes", self.random.choice(([], ["hd"]))),
                ("key", self.random.choice(("a2", "x"))),
                ("key", "a"),
            )
        )
        # A name that is taken is refused, as ever, and a deleted model stays inactive; a successor is not hidden.
        refused = (errors.UniqueViolation, errors.CheckViolation)
        with suppress(*refused), self.db.transaction():
            self.db.execute(
                f"update ai.models as m set {column} = %s"
                " where m.id = (select o.id from ai.models as o order by o.id offset %s limit 1)"
                " and (%s or not exists (select from ai.models as o where o.successor_id = m.id))",
                [value, self.random.randrange(4), (column, value) != ("is_public", False)],
            )

    def delete(self) -> None:
        if self.random.random() < 0.2:
            self.db.execute("delete from ai.models where key = %s", [self.model()])

    def follow(self) -> None:
        self.db.execute(
            "update ai.models set price_source = %s, price_currency = %s where key = %s",
            [
                self.random.choice(("manual", "feed")),
                self.random.choice(("USD", "USD", "EUR")),
                self.model(),
            ],
        )

    def succeed(self) -> None:
        one, other = self.random.sample("abcd", 2)
        self.db.execute(
            "update ai.models as m set successor_id = o.id, succeeded_at = %s"
            " from ai.models as o where m.key = %s and o.key = %s and o.is_public and o.deleted_at is null"
            " and o.successor_id is null",
            [self.now, one, other],
        )

    def chain(self) -> None:
        self.db.execute(
            "update ai.meters set falls_back_to = %s where key = 'reasoning'",
            [self.random.choice((None, "output"))],
        )

    def wait(self) -> None:
        self.now += timedelta(days=self.random.choice((1, 8)))
        self.set_clock()

    def requests(self) -> list[dict[str, Any]]:
        """Plain ones mostly, of now mostly."""
        return [
            {
                "model": self.random.choice(NAMES),
                "usage": self.random.choice(
                    (
                        *[
                            {
                                meter: self.random.choice((0, 1, 7.25, 40, 99, 500))
                                for meter in self.random.sample(METERS, self.random.randrange(1, 4))
                            }
                        ]
                        * 9,
                        self.random.choice(
                            (
                                {},
                                [],
                                "no",
                                {"input": "1"},
                                {"input": -1},
                                {"nothing": 1},
                                None,
                                {"input": 1e13},
                            )
                        ),
                    )
                ),
                "feature": self.random.choice((None, None, "chat", "draw", "none")),
                "service_tier": self.random.choice(
                    ("standard", "standard", "standard", "batch", "slow")
                ),
                "variant": self.random.choice((None, None, None, "hd", "xl")),
                "region": self.random.choice((None, None, None, "eu")),
                "stated": self.random.choice(
                    ([], [], [], [], ["service_tier"], ["variant", "region"])
                ),
                **self.random.choice(
                    (
                        {},
                        {},
                        {},
                        {"source": "manual", "currency": "USD"},
                        {"source": "feed", "currency": "EUR"},
                    )
                ),
                "at": self.random.choice((self.now, self.now, self.now, self.time())).isoformat(),
            }
            for _ in range(REQUESTS)
        ]


@pytest.mark.parametrize("seed", range(REGISTRIES))
def test_an_offer_gives_the_general_answer(superuser: psycopg.Connection[Any], seed: int) -> None:
    random = Random(seed)
    offered = 0
    with superuser.transaction(force_rollback=True):
        superuser.execute(BOTH)
        registry = Registry(superuser, random)
        registry.price()
        for _ in range(ROUNDS):
            for _ in range(random.randrange(1, 5)):
                random.choice(registry.steps)()
            for request, one, other, by_offer in superuser.execute(
                COMPARE, [Jsonb(registry.requests())]
            ):
                assert one == other, request
                offered += by_offer
    assert offered > 0
