"""billing.usage() against the rows of the log, whatever is drained."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from threading import Event
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.analytics.conftest import OWNERS
from tests.analytics.raw import differences, raw, told

Db = psycopg.Connection[Any]
BYS = (None, "model", "provider", "feature", "spender", "status")
# Each change of clocks, and a part of hours everywhere: bucket, since and until by the zone's clocks, zone.
TIMES = (
    ("day", "2026-10-24", "2026-10-27", "Europe/Berlin"),
    ("hour", "2026-10-25", "2026-10-26", "Europe/Berlin"),
    ("hour", "2026-03-29", "2026-03-30", "Europe/Berlin"),
    ("day", "2026-03-27", "2026-04-06", "Asia/Kathmandu"),
    ("hour", "2026-04-01", "2026-04-02", "Asia/Kathmandu"),
    ("day", "2026-04-03", "2026-04-07", "Pacific/Chatham"),
    ("hour", "2026-04-05", "2026-04-06", "Pacific/Chatham"),
    ("day", "2026-10-30", "2026-11-03", "America/New_York"),
    ("week", "2026-10-19", "2026-11-02", "America/New_York"),
    ("month", "2026-10-01", "2026-11-01", "Europe/Berlin"),
    ("month", "2026-10-01", "2026-12-01", "Asia/Kathmandu"),
    ("day", "2026-04-03", "2026-04-07", "Australia/Lord_Howe"),
    ("hour", "2026-04-06", "2026-04-07", "Australia/Lord_Howe"),
)
# Whole hours on both sides of UTC, half ones, quarters, and clocks that change by an hour or by half of one.
ZONES = (
    "UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo", "Pacific/Kiritimati", "Asia/Kolkata", "Asia/Kathmandu",
    "Pacific/Chatham", "America/St_Johns", "Australia/Lord_Howe",
)  # fmt: skip


def at(db: Db, local: str, zone: str) -> Any:
    row = db.execute("select %s::timestamp at time zone %s", [local, zone]).fetchone()
    assert row is not None
    return row[0]


def owners_of(db: Db) -> list[Any]:
    """The owner of most charges, and one of few."""
    rows = db.execute(
        "select c.lenser_id from billing.charges as c group by c.lenser_id order by count(*) desc, c.lenser_id"
    ).fetchall()
    return [rows[0][0], rows[-1][0]]


def assert_as_in_the_log(
    db: Db, bucket: str, since: Any, until: Any, zone: str, by: str | None, owner: Any
) -> int:
    with db.transaction():
        db.execute("set transaction isolation level repeatable read")
        rows = told(db, since, until, bucket, zone, by, owner)
        expected = raw(db, since, until, bucket, zone, by, owner)
    wrong, _ = differences(rows, expected)
    assert wrong == [], (bucket, since, until, zone, by, owner)
    return len(expected)


def test_the_rows_of_the_loader_are_what_the_api_writes(db: Db) -> None:
    """Two charges of one request: the same in every column but ids, times and the lines of the quote."""
    owner = db.execute("select id from billing.accounts where id = md5('u1')::uuid").fetchone()[0]  # type: ignore[index]
    sample = db.execute(
        "select c.*, g.latency_ms from billing.charges as c join ai.generations as g on g.id = c.id"
        " where c.spender_id = c.lenser_id and not c.is_estimated and c.feature_key is not null limit 1"
    )
    names = [column.name for column in sample.description or ()]
    loaded = dict(zip(names, sample.fetchone() or (), strict=True))
    with db.transaction(force_rollback=True):
        db.execute("select billing.grant_credits(%s, 1000)", [owner])
        made = db.execute(
            "select billing.charge_generation("
            "%s, (select key from ai.models where id = %s), %s, feature => %s, latency_ms => %s)",
            [
                owner,
                loaded["model_id"],
                Jsonb(loaded["usage"]),
                loaded["feature_key"],
                loaded["latency_ms"],
            ],
        ).fetchone()[0]  # type: ignore[index]
        comparable = """
            select
              to_jsonb(c)
              - '{id,lenser_id,account_id,spender_id,generation_id,priced_at,created_at,lines}'::text[],
              to_jsonb(k) - '{id,lenser_id}'::text[],
              to_jsonb(g) - '{id,lenser_id,created_at}'::text[],
              c.generation_id = c.id and c.spender_id = g.lenser_id and c.priced_at = c.created_at
                and c.created_at = ratebook.uuid_v7_time(c.id) and g.created_at = c.created_at
            from billing.charges as c
            join billing.charge_costs as k on k.id = c.id and k.lenser_id = c.lenser_id
            join ai.generations as g on g.id = c.generation_id
            where c.id = %s"""
        both = [
            db.execute(comparable, [key]).fetchone() for key in (loaded["id"], made["charge_id"])
        ]
        assert both[0] == both[1]
        assert both[0] is not None
        assert both[0][3] is True
        # A refund, and its entry.
        db.execute("select billing.refund_charge(%s, 0.001)", [made["charge_id"]])
        entries = db.execute(
            "select e.kind, e.account_id = e.lenser_id, e.created_at = e.effective_at,"
            " e.created_at = ratebook.uuid_v7_time(e.id), e.amount > 0"
            " from billing.ledger_entries as e"
            " where e.kind = 'refund' and (e.charge_id = %s or e.created_at < '2026-11-10')"
            " group by 1, 2, 3, 4, 5",
            [made["charge_id"]],
        ).fetchall()
        assert entries == [("refund", True, True, True, True)]


@pytest.mark.parametrize(("bucket", "since", "until", "zone"), TIMES)
def test_usage_is_what_the_rows_say_by_any_clock(
    bucket: str, since: str, until: str, zone: str, db: Db
) -> None:
    first, last = at(db, since, zone), at(db, until, zone)
    compared = 0
    for by in BYS:
        for owner in (None, *owners_of(db)):
            compared += assert_as_in_the_log(db, bucket, first, last, zone, by, owner)
    assert compared > 20


def assert_random_times_as_in_the_log(db: Db, seed: int, number: int) -> int:
    """Some times of some clocks, told apart by something: of everybody, or of one."""
    chosen = random.Random(seed)
    compared = 0
    for _ in range(number):
        zone = chosen.choice(ZONES)
        # Where clocks change by half an hour, an hour of date_trunc() is none that a clock shows.
        buckets = ["hour", "day", "day", "week", "month"][zone == "Australia/Lord_Howe" :]
        bucket = chosen.choice(buckets)
        start, days = chosen.choice([("2026-03-26T00:00Z", 12), ("2026-10-22T00:00Z", 13)])
        first = datetime.fromisoformat(start) + timedelta(hours=chosen.randrange(24 * days))
        last = first + timedelta(hours=chosen.randrange(1, 30 if bucket == "hour" else 200))
        # Whole buckets: to the end of the one that `last` is in.
        limits = db.execute(
            "select date_trunc(b.bucket, b.first, b.zone), case"
            " when b.bucket = 'hour' then date_trunc('hour', b.last, b.zone) + interval '1 hour'"
            " else (date_trunc(b.bucket, b.last at time zone b.zone) + ('1 ' || b.bucket)::interval) at time zone"
            " b.zone end"
            " from (values (%s, %s::timestamptz, %s::timestamptz, %s)) as b (bucket, first, last, zone)",
            [bucket, first, last, zone],
        ).fetchone()
        assert limits is not None
        since, until = limits
        compared += assert_as_in_the_log(
            db, bucket, since, until, zone, chosen.choice((*BYS, "spender")),
            chosen.choice((None, None, None, *owners_of(db))),
        )  # fmt: skip
    return compared


def test_usage_is_what_the_rows_say_at_random_times(db: Db) -> None:
    assert assert_random_times_as_in_the_log(db, 11, 80) > 1000


FACTORS = {True: 1.0195 / 0.9805, False: 1.049 / 0.951}


def quantile(latencies: list[int], part: float, is_fine: bool) -> float:
    """Of a list: the middle of the bucket that it falls into."""
    factor = FACTORS[is_fine]
    buckets = sorted(
        1 + math.ceil(math.log(ms) / math.log(factor)) if ms > 0 else 0 for ms in latencies
    )
    bucket = buckets[max(math.ceil(len(buckets) * Fraction(str(part))) - 1, 0)]
    return float(bucket) if bucket < 2 else 2 * factor ** (bucket - 1) / (factor + 1)


def test_quantiles_are_those_of_the_latencies(db: Db) -> None:
    chosen = random.Random(5)
    samples = [
        [0],
        [1],
        [0, 0, 1],
        [7] * 20_000,
        [0] * 10_000 + [1] * 10_000,
        [3] * 19 + [4],
        [3] * 20 + [90_000],
    ]
    samples += [[3] * 10_000 + [500] * 10_000, [2_000_000_000], [0, 2_000_000_000]]
    for _ in range(120):
        number = chosen.choice([1, 2, 3, 5, 20, 200])
        most = chosen.choice([3, 8, 12])
        samples.append([int(math.exp(chosen.uniform(-1, most))) for _ in range(number)])
    for latencies in samples:
        for is_fine in (True, False):
            told_ = db.execute(
                "select ratebook.latency_quantiles("
                "sum(ratebook.latency_mark(l, %(fine)s)), count(*), %(fine)s, '{0.5,0.95}')"
                " from unnest(%(latencies)s::integer[]) as l",
                {"fine": is_fine, "latencies": latencies},
            ).fetchone()
            assert told_ is not None
            expected = [quantile(latencies, part, is_fine) for part in (0.5, 0.95)]
            assert [float(one) for one in told_[0]] == pytest.approx(expected, rel=1e-9, abs=6e-4)
    # As many in a bucket as a month can bring: one fewer than 95 in 100 of them are fast.
    many = db.execute(
        "select ratebook.latency_quantiles(94999999999 * ratebook.latency_mark(10, true)"
        " + 5000000001 * ratebook.latency_mark(900, true), 100000000000, true, '{0.5,0.95}')"
    ).fetchone()
    assert many == ([Decimal("10.182"), Decimal("903.407")],)
    # Of the coarser kind, a hundred million in one bucket are too many; in two they are not.
    for numbers, expected_ in (
        ((94_999_999, 5_000_001), [10, 900]),
        ((99_999_999, 99_999_999), [10, 900]),
        ((99_999_999, 1), [10, 10]),
        ((0, 99_999_999), [900, 900]),
        ((0, 100_000_000), None),
        ((100_000_000, 99_999_999), None),
        ((250_000_000, 0), None),
    ):
        many = db.execute(
            "select ratebook.latency_quantiles(%s * ratebook.latency_mark(10, false)"
            " + %s * ratebook.latency_mark(900, false), %s, false, '{0.5,0.95}')",
            [*numbers, sum(numbers) + 1000],
        ).fetchone()
        assert many is not None
        assert many[0] == (expected_ and pytest.approx(expected_, rel=0.05)), numbers
    # What is no histogram is no error.
    for histogram in (
        "0",
        "-1e24",
        "ratebook.latency_mark(50, true) - ratebook.latency_mark(20, true)",
    ):
        db.execute(f"select ratebook.latency_quantiles({histogram}, 1, true, '{{0.5}}')")


@pytest.mark.parametrize("keys", ["{}", "{input}", "{output,input,none}", '{"it\'s 5%"}'])
def test_meters_that_nobody_expected_are_summed_up_too(keys: str, db: Db) -> None:
    sums = db.execute("select ratebook.sums_by_key('quantities', %s)", [keys]).fetchone()
    assert sums is not None
    rows = db.execute(
        "select k.key, " + sums[0] + " from (values"
        """ ('a', 1, '{"input": 2.50, "output": 7}'::jsonb), ('a', -1, '{"input": 0.5, "output": 7}'),"""
        """ ('b', 1, '{}'), ('b', 1, '{"it''s 5%": 3, "input": 0.1}'), ('c', -1, '{}')"""
        ") as k (key, sign, quantities) group by k.key order by k.key"
    ).fetchall()
    assert rows == [
        ("a", {"input": "2"}),
        ("b", {"it's 5%": "3", "input": "0.1"}),
        ("c", {}),
    ]


class Writer:
    """Does at random what backends and owners do, through the API's functions, with times of the past and of now."""

    def __init__(self, db: Db, seed: int) -> None:
        self.db = db
        self.random = random.Random(seed)
        self.models = [row[0] for row in db.execute("select key from ai.models order by key")]

    def one(self, query: str, *values: Any) -> Any:
        row = self.db.execute(query, values).fetchone()
        return None if row is None else row[0]

    def person(self) -> Any:
        return self.one("select md5('u' || %s::text)::uuid", self.random.randint(1, OWNERS))

    def charge(self, **options: Any) -> Any:
        usage = {
            "input": self.random.randint(0, 3000),
            "output": self.random.randint(1, 900),
        }
        owner = self.person()
        lenser = self.person() if self.random.random() < 0.2 else None
        if lenser is not None and lenser != owner:
            self.one("select billing.set_member(%s, %s)", owner, lenser)
        answer = self.one(
            "select billing.charge_generation(%s, %s, %s, feature => %s, lenser => %s, latency_ms => %s,"
            " estimated => %s, generation => %s)",
            options.get("owner", owner),
            self.random.choice(self.models),
            Jsonb(usage),
            self.random.choice(["f1", "f2", None]),
            options.get("lenser", lenser),
            self.random.choice([None, 0, 1, 350, 20_000]),
            options.get("estimated", False),
            options.get("generation"),
        )
        return answer["charge_id"]

    def act(self) -> None:
        deed = self.random.choice(
            ["charge"] * 6
            + [
                "late",
                "completed",
                "amount",
                "refund",
                "settle",
                "finish",
                "delete",
                "delete",
            ]
        )
        some = (
            "select g.id from ai.generations as g where g.lenser_id = %s order by g.id desc limit 1"
        )
        if deed == "charge":
            self.charge()
        elif deed == "late":
            self.one(
                "select ai.backfill_generations(%s)",
                Jsonb(
                    [
                        {
                            "lenser_id": str(self.person()),
                            "model_id": str(
                                self.one("select id from ai.models order by random() limit 1")
                            ),
                            "created_at": self.random.choice(
                                [
                                    "2026-10-25T00:30:00Z",
                                    "2026-10-25T01:30:00Z",
                                    "2026-04-04T14:10Z",
                                ]
                            ),
                            "usage": {"input": 5},
                            "status": self.random.choice(["failed", "completed"]),
                        }
                    ]
                ),
            )
        elif deed == "completed":
            owner = self.person()
            generation = self.one(
                "insert into ai.generations (lenser_id, model_id, feature_key)"
                " select %s, id, 'longer than any ' || repeat('x', 300) from ai.models limit 1 returning id",
                owner,
            )
            self.charge(owner=owner, lenser=None, generation=generation)
        elif deed == "amount":
            hold = self.one("select billing.authorize_credits(%s, 3) ->> 'hold_id'", self.person())
            self.one("select billing.capture_hold(%s::uuid, 2.5)", hold)
        elif deed == "refund":
            self.one("select billing.refund_charge(%s::uuid, 0.0004)", self.charge())
        elif deed == "settle":
            charge = self.charge(estimated=True)
            self.one(
                "select billing.settle_charge(%s::uuid, %s)",
                charge,
                Jsonb({"input": 7, "output": 3}),
            )
        elif deed == "finish":
            generation = self.one(some, self.person())
            if generation is not None:
                self.one(
                    "select ai.finish_generation(%s, %s, latency_ms => 77)",
                    generation,
                    self.random.choice(["failed", "cancelled", "completed"]),
                )
        elif deed == "delete":
            self.one(
                "delete from ai.generations where id = (" + some + ") returning id",
                self.person(),
            )


def fund(db: Db) -> None:
    db.execute(
        "select billing.grant_credits(a.id, 100000) from billing.accounts as a where a.entries = 0 or a.posted < 50000"
    )


def assert_all_as_in_the_log(db: Db, hours: int = 3) -> None:
    now = db.execute("select date_trunc('hour', now()) + interval '1 hour'").fetchone()[0]  # type: ignore[index]
    since = db.execute("select %s::timestamptz - %s * interval '1 hour'", [now, hours]).fetchone()[
        0
    ]  # type: ignore[index]
    for by in BYS:
        for owner in (None, owners_of(db)[0]):
            assert_as_in_the_log(db, "hour", since, now, "UTC", by, owner)
            assert_as_in_the_log(
                db,
                "day",
                at(db, "2026-10-25", "Europe/Berlin"),
                at(db, "2026-10-26", "Europe/Berlin"),
                "Europe/Berlin",
                by,
                owner,
            )


def drain(db: Db, at_most: int) -> int:
    row = db.execute("select billing.drain_usage(%s)", [at_most]).fetchone()
    assert row is not None
    return int(row[0])


def waiting(db: Db) -> int:
    row = db.execute("select count(*) from ratebook.usage_deltas").fetchone()
    assert row is not None
    return int(row[0])


def write(connect: Callable[[], Db], seed: int) -> int:
    with connect() as own:
        one = Writer(own, seed)
        for _ in range(60):
            try:
                one.act()
            except psycopg.DatabaseError as error:
                # A lenser was erased, two settle or refund the same, or wait for each other: one is told so.
                if not (error.sqlstate or "").startswith("PT4") and error.sqlstate not in (
                    "42501",
                    "40P01",
                ):
                    raise
    return 60


def keep_draining(connect: Callable[[], Db], stop: Event) -> int:
    drained = 0
    with connect() as own:
        while not stop.is_set():
            drained += drain(own, 7)
    return drained


# In one statement, and so as of one moment.
LOOK = """
select
  (select sum(u.requests) from billing.usage('2026-10-01', now() + interval '1 day', 'month') as u)
  = (select count(*) from ai.generations as g where g.id >= ratebook.uuid_v7_floor('2026-10-01')),
  (select sum(u.net) from billing.usage('2026-10-01', now() + interval '1 day', by => 'spender') as u)
  = (select sum(c.credits) from billing.charges as c where c.id >= ratebook.uuid_v7_floor('2026-10-01'))
  - (
    select sum(e.amount) from billing.ledger_entries as e
    where e.kind = 'refund' and e.id >= ratebook.uuid_v7_floor('2026-10-01')
  )
"""


def look(connect: Callable[[], Db], stop: Event) -> int:
    looked = 0
    with connect() as own:
        while not stop.is_set():
            assert own.execute(LOOK).fetchone() == (True, True)
            looked += 1
    return looked


def test_usage_stays_that_while_writers_write_and_drains_drain(
    db: Db, connect: Callable[[], Db]
) -> None:
    fund(db)
    writer = Writer(db, 1)
    for _ in range(120):
        writer.act()
    db.execute("select ai.erase_lenser(md5('u3')::uuid)")
    assert waiting(db) > 120
    assert_all_as_in_the_log(db)
    assert drain(db, waiting(db) // 2) > 50
    assert waiting(db) > 50
    assert_all_as_in_the_log(db)
    assert assert_random_times_as_in_the_log(db, 12, 20) > 100

    # Two drain at once, two write, and one looks.
    stop = Event()
    with ThreadPoolExecutor(5) as pool:
        drains = [pool.submit(keep_draining, connect, stop) for _ in range(2)]
        looks = pool.submit(look, connect, stop)
        writers = [pool.submit(write, connect, seed) for seed in (2, 3)]
        try:
            assert [one.result() for one in writers] == [60, 60]
        finally:
            stop.set()
        assert looks.result() > 0
        assert sum(one.result() for one in drains) > 50
    assert_all_as_in_the_log(db)
    while waiting(db):
        drain(db, 10_000)
    assert_all_as_in_the_log(db)
    checks = db.execute("select * from billing.check_usage('2026-10-25')").fetchall()
    assert [(name, severity) for name, severity, _ in checks] == [
        ("usage_drained", "ok"),
        ("usage_is_that_of_the_log", "ok"),
        ("usage_adds_up", "ok"),
    ], checks


def test_a_month_that_has_left_the_log_stays_in_usage(db: Db) -> None:
    since, until = at(db, "2026-03-01", "UTC"), at(db, "2026-05-01", "UTC")
    before = told(db, since, until, "month", "UTC", "model")
    assert len(before) > 3
    with db.transaction(force_rollback=True):
        for table in (
            "ai_generations",
            "billing_charges",
            "billing_charge_costs",
            "billing_ledger_entries",
        ):
            db.execute(
                f"alter table {table.replace('_', '.', 1)} detach partition ratebook.{table}_2026_03"
            )
        assert told(db, since, until, "month", "UTC", "model") == before
        with (
            pytest.raises(psycopg.DatabaseError, match="not all there"),
            db.transaction(),
        ):
            db.execute("select billing.rebuild_usage('2026-03-01')")
        checks = db.execute(
            "select check_name, severity from billing.check_usage('2026-03-01')"
        ).fetchall()
        assert ("usage_adds_up", "ok") in checks
        assert "usage_is_that_of_the_log" not in {name for name, _ in checks}
