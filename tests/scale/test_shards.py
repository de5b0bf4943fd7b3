"""Two shards behind a front of real PL/Proxy and a real PostgREST: charges, batches, a kill, a move, the checks.

Sizes are small unless RATEBOOK_SCALE=full.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from random import Random
from threading import Event
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
import typer
from typer.testing import CliRunner

from ratebook import migrations
from ratebook.cli import app
from ratebook.cli.shards import parse_partitions
from ratebook.local import tokens
from ratebook.shards import catalogue
from ratebook.shards import move as moving
from ratebook.shards.front import NOT_SERVED
from ratebook.shards.move import assert_sound, move
from tests.faults.wallet import Connection
from tests.modules import WITHOUT
from tests.postgrest import as_authenticator, postgrest
from tests.scale.shards import Cluster

FULL = os.environ.get("RATEBOOK_SCALE") == "full"
CREDITS = Decimal("2.6")  # of 1,000 units, as tests/faults/conftest.py prices them
FAR = 10**6


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    made = Cluster(on_disk=FULL)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def url(cluster: Cluster) -> Iterator[str]:
    with postgrest(as_authenticator(cluster.front), db_pool=8) as address:
        yield address


@pytest.fixture
def backend(cluster: Cluster) -> Iterator[Connection]:
    with cluster.backend() as connection:
        yield connection


def api(url: str) -> httpx.Client:
    """A backend with the service key."""
    headers = {"Authorization": f"Bearer {tokens.api_key('service_role')}"}
    headers |= {"Content-Profile": "billing", "Accept-Profile": "billing"}
    return httpx.Client(base_url=f"{url}/rpc", headers=headers, timeout=30)


def charge(lenser: str, key: str, units: int = 1000) -> dict[str, Any]:
    usage = {"account": lenser, "owner": lenser, "model": "m", "usage": {"input": units}}
    return usage | {"idempotency_key": key}


def grant(client: httpx.Client, lenser: str, amount: int) -> None:
    answer = client.post(
        "/grant_credits",
        json={"account": lenser, "owner": lenser, "amount": amount, "idempotency_key": "first"},
    )
    assert answer.is_success, answer.text


def available(client: httpx.Client, lenser: str) -> Decimal:
    answer = client.get("/get_balance", params={"account": lenser, "owner": lenser})
    assert answer.is_success, answer.text
    return Decimal(answer.json()["available"])


def refusal(connection: Connection, query: str, *arguments: Any) -> tuple[str | None, ...]:
    with pytest.raises(psycopg.Error) as refused:
        connection.execute(query, arguments)
    said = refused.value.diag
    return said.sqlstate, said.message_primary, said.message_detail, said.message_hint


def until(is_so: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_wallet_works_as_on_one_machine(cluster: Cluster, url: str) -> None:
    with api(url) as client:
        for lenser in cluster.lensers(2):
            grant(client, lenser, 100)
            first = client.post("/charge_generation", json=charge(lenser, "c"))
            again = client.post("/charge_generation", json=charge(lenser, "c"))
            assert first.json() == again.json()
            assert first.json()["credits"] == "2.6"
            hold = client.post(
                "/authorize_credits",
                json={"account": lenser, "owner": lenser, "amount": 10, "idempotency_key": "h"},
            ).json()
            assert available(client, lenser) == Decimal("87.4")
            captured = client.post(
                "/capture_hold",
                json={
                    "hold": hold["hold_id"],
                    "owner": lenser,
                    "amount": 4,
                    "idempotency_key": "k",
                },
            ).json()
            assert captured["credits"] == "4"
            refunded = client.post(
                "/refund_charge",
                json={"charge": first.json()["charge_id"], "owner": lenser, "idempotency_key": "r"},
            ).json()
            assert refunded["balance"]["available"] == "96"
            statement = client.post("/statement", json={"account": lenser, "owner": lenser}).json()
            assert [row["amount"] for row in statement] == [100, -2.6, -4, 2.6]


def test_an_owner_is_on_one_shard_alone(cluster: Cluster) -> None:
    here, there = cluster.lensers(2)
    with cluster.connect() as db:
        for lenser, shard in ((here, "a"), (there, "b")):
            assert db.execute(
                "select shard, state from shards.where_is(%s)", [lenser]
            ).fetchone() == (
                shard,
                "serving",
            )
    for shard, lenser, other in (("a", here, there), ("b", there, here)):
        assert (
            cluster.value(shard, "select count(*) from lensers.profiles where id = %s", lenser) == 1
        )
        assert (
            cluster.value(shard, "select count(*) from lensers.profiles where id = %s", other) == 0
        )


def test_the_partition_of_an_owner_is_what_anybody_can_work_out(cluster: Cluster) -> None:
    # sha256 of sixteen zero bytes is 374708fff7719dd5979ec875d56cd2286f6d3cf7ec317a3b25632aab28ec37bb
    with cluster.connect() as db:
        assert db.execute(
            "select shards.partition_of('00000000-0000-0000-0000-000000000000')"
        ).fetchone() == (0x37,)
        assert db.execute(
            "select shard, count(*) from shards.partitions group by 1 order by 1"
        ).fetchall() == [("a", 128), ("b", 128)]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("select billing.charge_generation(%(it)s, 'nope', '{}', owner => %(it)s)", "PT404"),
        (
            "select billing.charge_generation(%(it)s, 'm', '{\"input\": 1e9}', owner => %(it)s)",
            "PT402",
        ),
        (
            "select billing.charge_generation(%(it)s, 'm', '{\"nope\": 1}', owner => %(it)s)",
            "PT422",
        ),
        ("select billing.grant_credits(%(it)s, 'NaN', owner => %(it)s)", "PT422"),
        ("select billing.get_balance(%(it)s)", "PT422"),
        ("select billing.quote('nope', '{}')", "PT404"),
        ("select * from ai.preview_price('m', 'nope', 1)", "PT422"),
        ("select billing.charge_generations('{}')", "PT422"),
    ],
)
def test_an_error_says_what_it_says_on_one_machine(
    cluster: Cluster, backend: Connection, query: str, code: str
) -> None:
    (lenser,) = cluster.lensers(1)
    query = query.replace("%(it)s", f"'{lenser}'")
    said = refusal(backend, query)
    assert said[0] == code
    with cluster.servers["a"].connect("shop", "ratebook_front") as one_machine:
        assert said == refusal(one_machine, query)


def test_a_get_of_what_writes_is_refused(cluster: Cluster, url: str) -> None:
    (lenser,) = cluster.lensers(1)
    with api(url) as client:
        grant(client, lenser, 100)
        arguments = {"account": lenser, "owner": lenser, "model": "m", "usage": '{"input": 1000}'}
        answer = client.get("/charge_generation", params=arguments)
        assert (answer.status_code, answer.json()["code"]) == (405, "25006")
        batch = {"requests": f'[{{"account": "{lenser}", "owner": "{lenser}", "model": "m"}}]'}
        assert client.get("/charge_generations", params=batch).status_code == 405
        assert client.get("/sweep_accounts").status_code == 405
        assert available(client, lenser) == 100
        assert client.post("/charge_generation", json=charge(lenser, "c")).is_success


def test_a_transaction_that_sees_the_past_is_refused(cluster: Cluster, backend: Connection) -> None:
    (lenser,) = cluster.lensers(1)
    backend.autocommit = False
    backend.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    query = "select billing.get_balance(%s, owner => %s)"
    assert refusal(backend, query, lenser, lenser)[0] == "0A000"
    backend.rollback()
    backend.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
    assert backend.execute(query, [lenser, lenser]).fetchone()


def test_a_connection_with_a_password_is_refused(cluster: Cluster) -> None:
    with cluster.connect() as db:
        query = "insert into shards.shards (name, connection) values ('c', %s)"
        for connection in ("host=c user=ratebook_front password=x", "host=c"):
            assert refusal(db, query, connection)[0] == "23514"


def test_only_the_service_role_is_served(cluster: Cluster, url: str) -> None:
    (lenser,) = cluster.lensers(1)
    with api(url) as client:
        for role, status in (("anon", 401), ("authenticated", 403)):
            headers = {"Authorization": f"Bearer {tokens.token(role, lenser)}"}
            answer = client.post("/charge_generation", json=charge(lenser, "c"), headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (status, "42501")


def test_a_batch_is_whole_on_each_shard_and_answered_in_its_order(
    cluster: Cluster, url: str
) -> None:
    here, there, poor = cluster.lensers(3)
    requests = [charge(lenser, key) for key in "xy" for lenser in (here, there)]
    with api(url) as client:
        for lenser in (here, there):
            grant(client, lenser, 100)
        answers = client.post("/charge_generations", json={"requests": requests}).json()
        assert [one["account_id"] for one in answers] == [here, there, here, there]
        assert {one["balance"]["available"] for one in answers} == {"94.8"}
        assert client.post("/charge_generations", json={"requests": requests}).json() == answers

        # a refuses its part, of whose requests the second asks for too much.
        mixed = [charge(there, "z"), charge(here, "z"), charge(poor, "z")]
        done, held_back, refused = client.post(
            "/charge_generations", json={"requests": mixed}
        ).json()
        assert done["balance"]["available"] == "92.2"
        assert held_back == refused
        assert refused["refused"]["code"] == "PT402"
        assert refused["refused"]["details"]["error"] == "insufficient_credits"
        assert available(client, here) == Decimal("94.8")

        # Where all of it is refused, the batch is; the place is that of the batch.
        strange = [charge(there, "w") | {"model": "nope"}, charge(poor, "w")]
        answer = client.post("/charge_generations", json={"requests": strange})
        assert answer.status_code == 404
        assert answer.json()["details"] == '{"error": "unknown_model", "index": 0, "model": "nope"}'
        nobody = [charge(here, "v"), {"account": there, "model": "m", "usage": {"input": 1}}]
        answer = client.post("/charge_generations", json={"requests": nobody})
        assert answer.json()["details"] == '{"error": "owner_required", "index": 1}'
        assert available(client, here) == Decimal("94.8")


def test_credits_move_between_accounts_of_one_shard_alone(
    cluster: Cluster, backend: Connection
) -> None:
    here, there, near = cluster.lensers(3)
    backend.execute("select billing.grant_credits(%s, 10, owner => %s)", [here, here])
    query = "select billing.move_credits(%s, %s, 3, from_owner => %s, to_owner => %s)"
    row = backend.execute(query, [here, near, here, near]).fetchone()
    assert row is not None
    assert row[0]["from_balance"]["available"] == "7"
    assert refusal(backend, query, here, there, here, there)[:3] == (
        "PT422",
        "The two accounts are on different machines.",
        '{"error": "other_shard"}',
    )


def test_a_lenser_is_erased_and_entitled_wherever_it_is_known(
    cluster: Cluster, backend: Connection
) -> None:
    here, there = cluster.lensers(2)
    backend.execute("select lensers.add_lenser(%s, owner => %s)", [here, there])
    backend.execute("select lensers.set_entitlement(%s, 'paid', 'bill')", [here])
    for shard in "ab":
        assert (
            cluster.value(
                shard, "select count(*) from lensers.entitlements where lenser_id = %s", here
            )
            == 1
        )
    backend.execute("select ai.erase_lenser(%s)", [here])
    for shard in "ab":
        assert cluster.value(
            shard, "select erased_at is not null from lensers.profiles where id = %s", here
        )
    assert refusal(backend, "select ai.erase_lenser(%s)", str(uuid4()))[0] == "PT404"


def test_the_catalogue_is_written_at_home_and_read_anywhere(
    cluster: Cluster, backend: Connection
) -> None:
    assert cluster.joined > 50
    backend.execute("select ai.schedule_price('n', 'output', 0.00001)")
    with cluster.servers["b"].connect("shop") as db:
        query = "select billing.quote('n', '{\"output\": 1000}') ->> 'credits'"

        def has_come() -> bool:
            with suppress(psycopg.errors.DatabaseError):  # no price yet
                return db.execute(query).fetchone() == ("13",)  # 0.01 USD, 1,000 credits each, 30 %
            return False

        until(has_come)
    with (
        cluster.servers["a"].connect("shop") as home,
        cluster.servers["b"].connect("shop") as shard,
    ):
        assert catalogue.differences(home, shard) == []
        # What is new has to be put on one of the two lists.
        tables = home.execute(
            "select r.name from ratebook.own_relations() as r where r.kind in ('r', 'p') and not exists ("
            " select from pg_attribute as a where a.attrelid = r.id and a.attname = 'lenser_id')"
            " union values ('ratebook.manifest'), ('ratebook.found') order by 1"
        ).fetchall()
        assert [name for (name,) in tables] == sorted({*catalogue.CATALOGUE, *catalogue.OF_EACH})


def test_each_function_goes_where_it_should(cluster: Cluster) -> None:
    at_home = {name for name, route in cluster.routes.items() if route == "home"}
    expected = {
        *("ai.activate_models", "ai.deactivate_models", "ai.follow_source", "ai.import_catalogue"),
        *("ai.merge_models", "ai.report_health", "ai.retire_model", "ai.schedule_price"),
        *("ai.set_default_model", "ai.unpin_price", "compat.activate_models"),
        *("compat.deactivate_models", "compat.has_role", "compat.set_default"),
        *("compat.upsert_ai_model_config", "compat.upsert_api_model", "compat.upsert_llm_model"),
        *("compat.upsert_provider", "lensers.has_role"),
    }
    assert at_home == {name for name in expected if name.partition(".")[0] not in WITHOUT}
    assert set(cluster.left_out) == {
        name for name in NOT_SERVED if name.partition(".")[0] not in WITHOUT
    }
    assert len(cluster.routes) > 50


def test_partitions_are_named_one_by_one_and_as_spans() -> None:
    assert parse_partitions(["7", "0-2", "1-3", "255"]) == [0, 1, 2, 3, 7, 255]
    for word in ("256", "-1", "3-1", "a", "0-256", ""):
        with pytest.raises(typer.BadParameter):
            parse_partitions([word])


@dataclass
class Load:
    """Charges of many clients through PostgREST: what each account was told it has spent."""

    url: str
    lensers: list[str]
    acknowledged: dict[str, dict[str, Any]] = field(default_factory=dict)
    unanswered: dict[str, dict[str, Any]] = field(default_factory=dict)
    refusals: dict[str, int] = field(default_factory=dict)
    times: list[tuple[float, str]] = field(default_factory=list)

    def run(self, stop: Event, clients: int = 4) -> None:
        numbers = count(len(self.acknowledged) + len(self.unanswered))

        def client(number: int) -> None:
            random = Random(number)
            with api(self.url) as http:
                while not stop.is_set():
                    lenser = random.choice(self.lensers)
                    self.send(http, charge(lenser, f"{number} {next(numbers)} {uuid4()}"))

        with ThreadPoolExecutor(clients) as pool:
            for running in [pool.submit(client, number) for number in range(clients)]:
                running.result()

    def send(self, http: httpx.Client, request: dict[str, Any]) -> None:
        key = request["idempotency_key"]
        answer = http.post("/charge_generation", json=request)
        if answer.is_success:
            first = self.acknowledged.setdefault(key, answer.json())
            assert first == answer.json()
            self.unanswered.pop(key, None)
            self.times.append((time.monotonic(), request["owner"]))
            return
        assert answer.status_code == 503, answer.text
        error = answer.json()["details"] or ""
        told = "moving" if "partition_is_moving" in error else "away"
        assert told == "moving" or "shard_unavailable" in error, answer.text
        self.refusals[told] = self.refusals.get(told, 0) + 1
        self.unanswered[key] = request
        time.sleep(0.05)  # as a client does that is told to come back

    def go_on(self, number: int, lensers: Iterable[str] = ()) -> None:
        """Wait for so many more charges, of some lensers if they are named."""
        wanted = set(lensers or self.lensers)
        since = len(self.times)
        until(lambda: sum(who in wanted for _, who in self.times[since:]) >= number)

    def settle(self) -> None:
        """Send what got no answer again, with the same keys."""
        with api(self.url) as http:
            for request in list(self.unanswered.values()):
                self.send(http, request)
        assert self.unanswered == {}

    def assert_agrees(self) -> None:
        """Each account has what it had, less what was acknowledged, each once."""
        spent = {lenser: Decimal(0) for lenser in self.lensers}
        for answer in self.acknowledged.values():
            spent[answer["account_id"]] += Decimal(answer["credits"])
        with api(self.url) as http:
            assert {lenser: available(http, lenser) for lenser in self.lensers} == {
                lenser: FAR - amount for lenser, amount in spent.items()
            }


@contextmanager
def busy(load: Load) -> Iterator[None]:
    """Load while something else happens."""
    stop = Event()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(load.run, stop)
        try:
            yield
        finally:
            stop.set()
        running.result()


def ready(cluster: Cluster, url: str, lensers: list[str]) -> Load:
    with api(url) as client:
        for lenser in lensers:
            grant(client, lenser, FAR)
    return Load(url, lensers)


def charges(cluster: Cluster, shard: str, lensers: list[str]) -> set[str]:
    query = "select id::text from billing.charges where lenser_id = any(%s::uuid[])"
    return {row[0] for row in cluster.rows(shard, query, lensers)}


def test_a_partition_moves_under_load_and_nothing_is_lost(
    cluster: Cluster, url: str, backend: Connection
) -> None:
    moving = cluster.lensers(20 if FULL else 3, partition=7)
    staying = cluster.lensers(2)
    load = ready(cluster, url, [*moving, *staying])
    team, member = moving[0], staying[1]
    # A member of another shard, whose generations are the team's, and an account that is no lenser's own.
    backend.execute("select lensers.add_lenser(%s, owner => %s)", [member, team])
    backend.execute("select billing.set_member(%s, %s, owner => %s)", [team, member, team])
    row = backend.execute(
        "select billing.charge_generation(%s, 'm', '{\"input\": 1000}', lenser => %s, owner => %s,"
        " latency_ms => 30, idempotency_key => 'team')",
        [team, member, team],
    ).fetchone()
    assert row is not None
    load.acknowledged["team"] = row[0]
    with api(url) as client:
        load.send(client, charge(team, "refunded"))
    backend.execute(
        "select billing.refund_charge(%s, 1, owner => %s)",
        [load.acknowledged["refunded"]["charge_id"], team],
    )
    load.acknowledged["refund"] = {"account_id": team, "credits": "-1"}
    backend.execute("select billing.drain_usage()")

    with busy(load):
        until(lambda: len(load.times) > (2000 if FULL else 20))
        (moved,) = move(cluster.front, cluster.dsn("a"), cluster.dsn("b"), [7])
        load.go_on(20)
    load.settle()
    load.assert_agrees()
    print(f"moved {moved}; {len(load.times)} charges, refused {load.refusals}")
    assert moved.owners >= len(moving)
    assert moved.rows["billing.charges"] >= 2
    assert charges(cluster, "a", moving) == set()
    told = {
        one["charge_id"]
        for one in load.acknowledged.values()
        if one["account_id"] in moving and "charge_id" in one
    }
    assert charges(cluster, "b", moving) == told
    with cluster.connect() as db:
        assert db.execute("select shard, state from shards.where_is(%s)", [team]).fetchone() == (
            "b",
            "serving",
        )
    # Reports of all shards say the same before what was counted is drained and after.
    query = (
        "select sum(requests), sum(charges), sum(credits), sum(refunded) from"
        " billing.usage(now() - interval '1 hour', now() + interval '1 hour', 'hour', by => 'spender')"
        " where id = any(%s::uuid[])"
    )
    expected = [
        (
            len(load.acknowledged) - 1,
            len(load.acknowledged) - 1,
            (len(load.acknowledged) - 1) * CREDITS,
            Decimal(1),
        )
    ]
    for _ in range(2):
        assert backend.execute(query, [load.lensers]).fetchall() == expected
        backend.execute("select billing.drain_usage()")
    assert_sound(cluster.dsn("a"), cluster.dsn("b"))
    assert cluster.value("b", "select count(*) from ratebook.unmatched_references()") == 0
    # Guards are on their posts again.
    with pytest.raises(psycopg.Error, match="history"):
        cluster.rows("a", "delete from billing.ledger_entries")
    # And back, where the profiles are still known.
    command = ["shards", "move", cluster.front, cluster.dsn("b"), cluster.dsn("a"), "7", "--json"]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    (back,) = json.loads(done.stdout)
    assert back["removed"] == sum(back["rows"].values())
    # Whoever else has an id in this partition comes along.
    assert back["rows"]["billing.charges"] >= len(told)
    load.assert_agrees()
    assert charges(cluster, "a", moving) == told
    assert charges(cluster, "b", moving) == set()
    assert cluster.value("a", "select count(*) from ratebook.unmatched_references()") == 0


def test_a_move_that_was_cut_goes_on(cluster: Cluster, url: str) -> None:
    people = cluster.lensers(2, partition=9)
    load = ready(cluster, url, people)
    with api(url) as client:
        for lenser in people:
            load.send(client, charge(lenser, f"c {lenser}"))
    with cluster.connect() as front:
        # As one leaves it that was killed while it copied: writes are refused, reads are not.
        front.execute(
            "update shards.partitions set state = 'moving', other = 'b' where partition = 9"
        )
        with api(url) as client:
            load.send(client, charge(people[0], "d"))
            assert load.refusals == {"moving": 1}
            # Nor is anybody erased on all shards, whose rows may be under way.
            (other,) = cluster.lensers(1)
            headers = {"Content-Profile": "ai"}
            erased = client.post("/erase_lenser", json={"lenser": other}, headers=headers)
            assert (erased.status_code, erased.json()["code"]) == (503, "PT503")
            assert available(client, people[0]) == FAR - CREDITS
        # Its copy may be complete and committed there, and has no say before the front's table says so.
        with (
            migrations.connect(cluster.dsn("a")) as old,
            migrations.connect(cluster.dsn("b")) as new,
        ):
            moving._copy(old, new, 9, moving.Moved(9), 5)
        assert len(charges(cluster, "b", people)) == 2
        move(cluster.front, cluster.dsn("a"), cluster.dsn("b"), [9])
        assert len(charges(cluster, "b", people)) == 2
        load.settle()
        load.assert_agrees()
        # As one that was killed before the rows went where they came from.
        front.execute(
            "update shards.partitions set state = 'leaving', other = 'a' where partition = 9"
        )
        (rest,) = move(cluster.front, cluster.dsn("a"), cluster.dsn("b"), [9])
        assert (rest.owners, rest.removed) == (0, 0)
        assert front.execute(
            "select shard, state, other from shards.partitions where partition = 9"
        ).fetchone() == ("b", "serving", None)
    load.assert_agrees()
    assert_sound(cluster.dsn("a"), cluster.dsn("b"))


def test_a_killed_shard_loses_nothing_and_the_other_goes_on(
    cluster: Cluster, url: str, backend: Connection
) -> None:
    lensers = cluster.lensers(20 if FULL else 4)
    load = ready(cluster, url, lensers)
    here = set(lensers[::2])
    outages: list[int] = []
    with busy(load):
        for _ in range(5 if FULL else 1):
            load.go_on(1000 if FULL else 20)
            cluster.servers["b"].kill()
            began = time.monotonic()
            until(lambda: load.refusals.get("away", 0) > 0)
            time.sleep(3 if FULL else 0.3)
            # What anybody may ask is answered by the other; the check says what is away.
            assert backend.execute(
                "select billing.quote('m', '{\"input\": 1000}') ->> 'credits'"
            ).fetchone() == ("2.6",)
            found = backend.execute(
                "select message from billing.self_check() where severity = 'error'"
            ).fetchall()
            assert found == [("b: it does not answer.",)]
            outages.append(sum(at > began and lenser in here for at, lenser in load.times))
            cluster.servers["b"].launch()
            load.go_on(20, set(lensers[1::2]))
    assert min(outages) > 0
    unanswered = len(load.unanswered)
    load.settle()
    load.assert_agrees()
    for shard, people in (("a", lensers[::2]), ("b", lensers[1::2])):
        told = {
            one["charge_id"] for one in load.acknowledged.values() if one["account_id"] in people
        }
        assert charges(cluster, shard, people) == told
    assert (
        backend.execute("select * from billing.self_check() where severity <> 'ok'").fetchall()
        == []
    )
    assert_sound(cluster.dsn("a"), cluster.dsn("b"))
    print(
        f"{len(load.acknowledged)} acknowledged, none lost; {unanswered} without an answer, each once;"
        f" {outages} on the other shard meanwhile"
    )
