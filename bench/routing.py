"""How fast features are routed, the catalogue is listed and models are compared, next to floors of the same run.

    make bench                            # or: .venv/bin/python -m bench.routing

4,500 models (one in five without a price), 200 features with 20 candidates each. A route is held against a function
that does nothing, the catalogue against the plain list of models, a comparison against its limit.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psycopg

from bench.pricing import microseconds, postgrest, requests_per_second, row, say, show
from tools import schema, servers
from tools.project import Project

ROOT = Path(__file__).parent.parent
DATABASE = "bench"
MODELS, FEATURES, CANDIDATES, COMPARED = 4_500, 200, 20, 1_000
USAGE = {"input": 4000, "output": 500, "cache_read": 12000}
SETTINGS = {"shared_buffers": "512MB", "max_wal_size": "4GB"}

SETUP = """
insert into ai.providers (key, name) select 'provider-' || i, 'P' from generate_series(1, 30) as i;
insert into ai.models (key, name, provider_id, modality, context_window, max_tokens, supports, description, priority)
select
  'model-' || i, 'Model ' || i, p.id, case when i %% 5 = 0 then 'image' else 'text' end, 1000 * (1 + i %% 200), 4096,
  case when i %% 2 = 0 then '{{vision,streaming}}'::text[] else '{{streaming}}' end, repeat('A model. ', 20), i %% 100
from generate_series(1, {models}) as i
inner join ai.providers as p on p.key = 'provider-' || 1 + i %% 30;
insert into ai.features (key) select 'feature-' || i from generate_series(1, {features}) as i;
insert into ai.feature_model_policies (feature_key, model_id, priority, weight)
select 'feature-' || f, m.id, c / 5, 1 + c %% 5
from generate_series(1, {features}) as f
cross join generate_series(1, {candidates}) as c
inner join ai.models as m on m.key = 'model-' || 1 + (f * 97 + c * 211) %% {models};
insert into billing.credit_rates (currency, credits_per_currency_unit, effective_from)
values ('USD', 1000, '2025-01-01Z');
insert into billing.execution_margin_policies (margin, effective_from) values (0.3, '2025-01-01Z');
create function ai.trivial() returns text language sql immutable return 'constant';
grant execute on function ai.trivial() to anon;
create function public.trivial(p_feature text, p_subject text) returns text language plpgsql stable as $$
begin
  return p_feature;
end;
$$;
""".replace("%%", "%").format(models=MODELS, features=FEATURES, candidates=CANDIDATES)

PRICES = """
insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from)
select m.id, x.meter, x.price * (1 + length(m.key) + ascii(right(m.key, 1)) + d * 0.01) * 0.000001,
  '2026-01-01Z'::timestamptz + d * interval '10 days'
from ai.models as m, unnest(%s::integer[]) as d,
  (values ('input', 1.5), ('output', 7.5), ('cache_read', 0.15), ('cache_write', 1.9)) as x (meter, price)
where m.modality = 'text'
"""


def load(db: psycopg.Connection[Any]) -> None:
    for statement in SETUP.split(";\n\n"):
        db.execute(statement)
    add_prices(db, range(1))


def add_prices(db: psycopg.Connection[Any], dates: range) -> None:
    db.execute(PRICES, [list(dates)])
    db.execute("vacuum analyze")


def per_call(db: psycopg.Connection[Any], call: str, calls: int = 2_000) -> float:
    """Seconds a call inside the database, as anon, the best of five rounds; i counts."""
    db.execute("grant usage on schema public to anon; set role anon")
    rounds = []
    for _ in range(5):
        begin = time.perf_counter()
        db.execute(f"do $$ begin for i in 1..{calls} loop perform {call}; end loop; end $$")
        rounds.append((time.perf_counter() - begin) / calls)
    db.execute("reset role")
    return min(rounds)


def latency(ask: Callable[[], httpx.Response], times: int = 60) -> float:
    """Seconds a request, the median."""
    taken = []
    for number in range(times + 5):
        begin = time.perf_counter()
        ask().raise_for_status()
        if number >= 5:
            taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


def lists(url: str) -> tuple[float, float]:
    """Seconds of a page of the plain list, and of the catalogue sorted by a price; both filtered alike."""
    common = {"modality": "eq.text", "is_active": "is.true", "limit": "100"}
    columns = "id,key,name,provider_id,context_window,max_tokens,supports,priority"
    prices = ",provider,input_per_million,output_per_million,currency"
    with httpx.Client(base_url=url, headers={"Accept-Profile": "ai"}) as client:

        def plain() -> httpx.Response:
            return client.get(
                "/models", params=common | {"select": columns, "order": "priority,key"}
            )

        def priced() -> httpx.Response:
            order = {"order": "input_per_million.asc.nullslast,key"}
            return client.get("/catalogue", params=common | {"select": columns + prices} | order)

        found = priced().json()
        assert len(found) == 100 == len(plain().json())
        assert all(one["input_per_million"] for one in found)
        # In turns, so that what the machine does meanwhile meets both.
        rounds = [(latency(plain), latency(priced)) for _ in range(3)]
        return min(r[0] for r in rounds), min(r[1] for r in rounds)


def compared(url: str) -> tuple[float, int]:
    """Seconds of one comparison over 1,000 models, and how many of them have no price."""
    body = {"usage": USAGE, "models": [f"model-{n}" for n in range(1, COMPARED + 1)]}
    with httpx.Client(base_url=url, headers={"Content-Profile": "billing"}, timeout=60) as client:

        def ask() -> httpx.Response:
            return client.post("/rpc/compare", json=body)

        found = ask().json()
        assert len(found) == COMPARED
        return latency(ask, 20), sum(1 for one in found if one["error"] == "no_price")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        say("wrk is not installed: install the Debian package wrk.")
        return 2

    table = []
    with servers.start(18, SETTINGS) as server:
        server.create_database(DATABASE)
        schema.build_truth(server, DATABASE, Project(ROOT))
        with server.connect(DATABASE) as db:
            say(f"loading {MODELS:,} models")
            load(db)
            say("routing inside the database")
            asked = f"'feature-' || 1 + i % {FEATURES}"
            floor = per_call(db, f"public.trivial({asked}, i::text)", 20_000)
            one = per_call(db, f"ai.route_feature({asked}, '{{}}', i::text)")
            priced = per_call(
                db, f"ai.route_feature({asked}, '{json.dumps({'usage': USAGE, 'max_cost': 1})}', i::text)", 500
            )  # fmt: skip
            table += [
                row("route_feature, 20 candidates", f"{1 / one:,.0f}/s ({microseconds(one)})",
                    f"trivial function {1 / floor:,.0f}/s", one / floor, ""),
                row("route_feature with a price ceiling", f"{1 / priced:,.0f}/s ({microseconds(priced)})",
                    f"without {1 / one:,.0f}/s", priced / one, ""),
            ]  # fmt: skip
            with postgrest(server.dsn(DATABASE, "authenticator")) as url:
                say("asking over PostgREST")
                trivial = requests_per_second(url, "trivial", "ai", {})
                routed = requests_per_second(
                    url, "route_feature", "ai", {"feature": "feature-7", "subject": "visitor 5"}
                )
                table.append(
                    row("route_feature over PostgREST", f"{routed:,.0f}/s", f"trivial function {trivial:,.0f}/s",
                        trivial / routed, "")
                )  # fmt: skip
                for dates in (1, 20):
                    if dates > 1:
                        say("adding 19 more dates to every price")
                        add_prices(db, range(1, dates))
                    plain, catalogue = lists(url)
                    table.append(
                        row(f"100 of the catalogue by price, {dates} dates", f"{catalogue * 1e3:.1f} ms",
                            f"plain list {plain * 1e3:.1f} ms", catalogue / plain, "<= 4")
                    )  # fmt: skip
                taken, unpriced = compared(url)
                table.append(
                    row(f"compare over {COMPARED:,} models, {unpriced} unpriced", f"{taken * 1e3:.0f} ms",
                        "limit 300 ms", taken / 0.3, "<= 1")
                )  # fmt: skip
    show(table, as_json=options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
