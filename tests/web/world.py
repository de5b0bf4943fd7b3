"""What the pages of the tests show beside the seeds: an owner with a past, and a model whose texts mean harm."""

from __future__ import annotations

from typing import Any

import psycopg

ADA = "11111111-1111-4111-8111-111111111111"
GRACE = "33333333-3333-4333-8333-333333333333"

# What a screen must show as it is: markup, a mark that turns the direction of what follows, and no end.
MARKUP = '<img src=x onerror="window.harmed = true"><script>window.harmed = true</script>'
TURNED = "\u202eevil\u2066 \u200bname"
ENDLESS = ("<b>" + "wide" * 2500)[:10_000]
DAYS = 12
# Twenty decimal places: more than a float has.
EXACT = "0.00000012345678901234"

_CLOCK = """
create or replace function ratebook.clock() returns timestamptz language plpgsql volatile parallel safe
set search_path = pg_catalog, pg_temp as $$ begin return clock_timestamp() - make_interval(hours => {hours}); end; $$
"""
_REAL_CLOCK = """
create or replace function ratebook.clock() returns timestamptz language plpgsql volatile parallel safe
set search_path = pg_catalog, pg_temp as $$ begin return clock_timestamp(); end; $$
"""


def make(dsn: str) -> None:
    """Write it. Grace's past is twelve days long; the clock is the real one again afterwards."""
    with psycopg.connect(dsn, autocommit=True) as db:
        try:
            _past(db)
        finally:
            db.execute(_REAL_CLOCK)
        db.execute(_CHARGE, [ADA, "gpt-4o-mini", '{"input": 1000}', "chat"])
        _harm(db)


_CHARGE = "select billing.charge_generation(%s, %s, %s, feature => %s)"
_GRANT = "select billing.grant_credits(%s, %s, source => %s, expires_at => now() + %s::interval)"


def _past(db: psycopg.Connection[Any]) -> None:
    """Each day two requests: one of gpt-4o for a chat, one of gpt-4o-mini to summarize."""
    for day in range(DAYS - 1, -1, -1):
        db.execute(_CLOCK.format(hours=24 * day))
        if day == DAYS - 1:
            _grace(db)
        used = f'{{"input": {1000 + 700 * (day % 5)}, "output": {400 + 90 * (day % 4)}}}'
        db.execute(_CHARGE, [GRACE, "gpt-4o", used, "chat"])
        db.execute(_CHARGE, [GRACE, "gpt-4o-mini", used, "summarize"])


def _grace(db: psycopg.Connection[Any]) -> None:
    db.execute("insert into lensers.profiles (id, display_name) values (%s, 'Grace')", [GRACE])
    db.execute(
        "insert into billing.accounts (id, lenser_id, name) values (%s, %s, %s)",
        [GRACE, GRACE, MARKUP[:100]],
    )
    db.execute(_GRANT, [GRACE, "500.000001", "plan", "960 hours"])
    db.execute(_GRANT, [GRACE, "250", MARKUP, "60 hours"])
    db.execute("select billing.grant_credits(%s, 70, source => 'gift')", [GRACE])
    db.execute(
        "insert into billing.budgets (lenser_id, feature_id, period, soft_limit, hard_limit)"
        " select %s, f.id, p.period::billing.budget_period_enum, p.soft, p.hard from (values"
        " (null, 'month', 100, 500), ('chat', 'day', 20, null)) as p (feature, period, soft, hard)"
        " left join ai.features as f on f.key = p.feature",
        [GRACE],
    )


def _harm(db: psycopg.Connection[Any]) -> None:
    db.execute("insert into ai.providers (key, name) values ('harm', %s)", [MARKUP])
    db.execute(
        "insert into ai.models (provider_id, key, name, description, is_public, supports)"
        " select id, v.key, v.name, v.description, v.is_public, array[%s] from ai.providers, (values"
        " ('harm/markup', %s, %s, true), ('harm/turned', %s, %s, true), ('harm/hidden', 'Hidden', '', false))"
        " as v (key, name, description, is_public) where providers.key = 'harm'",
        [MARKUP, MARKUP, ENDLESS, TURNED, TURNED],
    )
    db.execute("select ai.schedule_price('harm/markup', 'input', %s, '2026-01-01')", [EXACT])
