"""Writers of prices at the same time: whoever waits sees what the other wrote."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

Connection = psycopg.Connection[Any]


@pytest.fixture
def pair(superuser: Connection) -> Iterator[tuple[Connection, Connection]]:
    same = superuser.info.dsn
    with psycopg.connect(same) as first, psycopg.connect(same) as second:
        yield first, second


@pytest.fixture
def model(superuser: Connection) -> str:
    key = "m" + uuid4().hex[:12]
    superuser.execute(
        "insert into ai.models (key, name, provider_id)"
        " select %s, 'M', p.id from ai.providers as p where p.key = 'acme'",
        [key],
    )
    return key


def put(connection: Connection, model: str, meter: str, price: int, source: str = "manual") -> None:
    connection.execute(
        "insert into ai.model_pricing (model_id, meter, price_per_unit, source, effective_from)"
        " select m.id, %s, %s, %s, '2025-01-01Z' from ai.models as m where m.key = %s",
        [meter, price, source, model],
    )


def sheet(superuser: Connection, model: str, source: str = "manual") -> dict[str, int]:
    """The prices in force, of some meters."""
    row = superuser.execute(
        "select (ratebook.find_sheet(m.id, %s, 'USD', '{}', 'standard', null, null, now())).prices"
        " from ai.models as m where m.key = %s",
        [source, model],
    ).fetchone()
    assert row is not None
    wanted = ("input", "output", "reasoning")
    return {meter: row[0][meter] for meter in wanted if row[0] and meter in row[0]}


def wait_until_blocked(superuser: Connection, waiting: Connection) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        row = superuser.execute(
            "select cardinality(pg_blocking_pids(%s)) > 0", [waiting.info.backend_pid]
        ).fetchone()
        if row == (True,):
            return
        time.sleep(0.01)
    raise AssertionError("The second writer did not wait for the first.")


@pytest.mark.parametrize("is_new", [True, False], ids=["first prices", "more prices"])
def test_two_writers_of_one_model_leave_a_sheet_with_both(
    superuser: Connection, pair: tuple[Connection, Connection], model: str, is_new: bool
) -> None:
    first, second = pair
    if not is_new:
        put(superuser, model, "tokens", 9)
    put(first, model, "input", 1)
    with ThreadPoolExecutor() as pool:
        waiting: Future[None] = pool.submit(put, second, model, "output", 2)
        wait_until_blocked(superuser, second)
        first.commit()
        waiting.result()
    second.commit()
    assert sheet(superuser, model) == {"input": 1, "output": 2, "reasoning": 2}


def test_a_writer_whose_rival_gives_up_goes_on(
    superuser: Connection, pair: tuple[Connection, Connection], model: str
) -> None:
    first, second = pair
    put(superuser, model, "tokens", 9)
    put(first, model, "input", 1)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(put, second, model, "output", 2)
        wait_until_blocked(superuser, second)
        first.rollback()
        waiting.result()
    second.commit()
    assert sheet(superuser, model) == {"input": 9, "output": 2, "reasoning": 2}


@pytest.mark.parametrize("is_new", [True, False], ids=["first prices", "more prices"])
def test_with_an_old_snapshot_a_writer_fails_and_loses_nothing(
    superuser: Connection, pair: tuple[Connection, Connection], model: str, is_new: bool
) -> None:
    first, second = pair
    if not is_new:
        put(superuser, model, "tokens", 9)
    second.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    second.execute("select 1 from ai.models")
    put(first, model, "input", 1)
    first.commit()
    with pytest.raises((psycopg.errors.SerializationFailure, psycopg.errors.UniqueViolation)):
        put(second, model, "output", 2)
    second.rollback()
    put(second, model, "output", 2)
    second.commit()
    assert sheet(superuser, model) == {"input": 1, "output": 2, "reasoning": 2}


def test_two_who_set_the_same_price_count_their_revisions(
    superuser: Connection, pair: tuple[Connection, Connection], model: str
) -> None:
    def set_price(connection: Connection, price: int) -> None:
        connection.execute(
            "select ratebook.set_price(m.id, 'input', %s, 'USD', '2025-01-01Z')"
            " from ai.models as m where m.key = %s",
            [price, model],
        )

    first, second = pair
    set_price(first, 1)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(set_price, second, 2)
        wait_until_blocked(superuser, second)
        first.commit()
        waiting.result()
    second.commit()
    rows = superuser.execute(
        "select p.revision, p.price_per_unit::integer from ai.model_pricing as p"
        " inner join ai.models as m on m.id = p.model_id where m.key = %s order by 1",
        [model],
    ).fetchall()
    assert rows == [(0, 1), (1, 2)]
    assert sheet(superuser, model)["input"] == 2


@pytest.mark.compat
def test_two_who_change_one_model_keep_both_changes(
    superuser: Connection, pair: tuple[Connection, Connection], model: str
) -> None:
    def change(connection: Connection, assignment: str) -> None:
        connection.execute(
            f"update compat.api_models set {assignment} where model_key = %s", [model]
        )

    first, second = pair
    put(superuser, model, "image", 1)
    change(first, """priority = 7, pricing = '{"per_image": 2}'""")
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(change, second, "version = '2'")
        wait_until_blocked(superuser, second)
        first.commit()
        waiting.result()
    second.commit()
    row = superuser.execute(
        "select priority, version, pricing -> 'per_image' from compat.api_models"
        " where model_key = %s",
        [model],
    ).fetchone()
    assert row == (7, "2", 2)


@pytest.mark.compat
def test_who_changes_a_model_that_goes_meanwhile_is_told(
    superuser: Connection, pair: tuple[Connection, Connection], model: str
) -> None:
    first, second = pair
    first.execute("delete from compat.api_models where model_key = %s", [model])
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(
            second.execute,
            "update compat.api_models set priority = 7 where model_key = %s",
            [model],
        )
        wait_until_blocked(superuser, second)
        first.commit()
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="nothing was written"):
            waiting.result()


@pytest.mark.compat
def test_of_two_equal_rate_cards_one_is_refused(
    superuser: Connection, pair: tuple[Connection, Connection], model: str
) -> None:
    def insert(connection: Connection) -> None:
        connection.execute(
            "insert into compat.rate_cards"
            " (provider, model, input_cost_per_1m, output_cost_per_1m, effective_from)"
            " values ('acme', %s, 1, 2, '2025-01-01Z')",
            [model],
        )

    first, second = pair
    insert(first)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(insert, second)
        wait_until_blocked(superuser, second)
        first.commit()
        with pytest.raises(psycopg.errors.UniqueViolation):
            waiting.result()


def test_two_models_do_not_wait_for_each_other(
    superuser: Connection, pair: tuple[Connection, Connection], model: str
) -> None:
    first, second = pair
    put(first, model, "input", 1)
    other = superuser.execute(
        "insert into ai.models (key, name, provider_id)"
        " select 'n' || m.key, 'N', m.provider_id from ai.models as m where m.key = %s returning key",
        [model],
    ).fetchone()
    assert other is not None
    second.execute("set local lock_timeout = '2s'")
    put(second, other[0], "input", 2)
    second.commit()
    first.commit()
    assert (sheet(superuser, model), sheet(superuser, other[0])) == ({"input": 1}, {"input": 2})


@pytest.mark.parametrize("prices_first", [True, False])
@pytest.mark.parametrize("is_new", [True, False], ids=["first prices", "more prices"])
def test_a_change_of_the_registry_reaches_prices_written_meanwhile(
    superuser: Connection,
    pair: tuple[Connection, Connection],
    model: str,
    prices_first: bool,
    is_new: bool,
) -> None:
    first, second = pair
    if not is_new:
        put(superuser, model, "image", 9)
    meter = "t" + uuid4().hex[:12]
    superuser.execute(
        "insert into ai.meters (key, name, description, unit_type, falls_back_to)"
        " values (%s, 'T', 'T', 'tokens', 'input')",
        [meter],
    )

    def change(connection: Connection) -> None:
        connection.execute("update ai.meters set falls_back_to = 'output' where key = %s", [meter])

    def price(connection: Connection) -> None:
        put(connection, model, "output", 2)

    one, other = (price, change) if prices_first else (change, price)
    one(first)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(other, second)
        time.sleep(0.3)  # whether the second waits is its own affair
        first.commit()
        waiting.result()
    second.commit()
    row = superuser.execute(
        "select (ratebook.find_sheet(m.id, 'manual', 'USD', '{}', 'standard', null, null, now())).prices -> %s"
        " from ai.models as m where m.key = %s",
        [meter, model],
    ).fetchone()
    assert row == (2,)


def test_an_import_waits_for_a_price_that_a_person_sets_and_leaves_it(
    superuser: Connection, pair: tuple[Connection, Connection]
) -> None:
    first, second = pair
    provider = "p" + uuid4().hex[:12]

    def bring(connection: Connection, price: str) -> dict[str, Any]:
        model = {
            "provider": provider,
            "provider_model_key": "m",
            "name": "M",
            "prices": [{"meter": "input", "price": price}],
        }
        row = connection.execute(
            "select ai.import_catalogue(%s, %s)", [f"s{provider}", Jsonb([model])]
        ).fetchone()
        assert row is not None
        report: dict[str, Any] = row[0]
        return report

    bring(superuser, "1")
    first.execute("select ai.schedule_price(%s, 'input', 3)", [f"{provider}/m"])
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(bring, second, "2")
        wait_until_blocked(superuser, second)
        first.commit()
        (pinned,) = waiting.result()["pinned"]
    second.commit()
    assert (pinned["price"], pinned["in_force"]) == ("2", "3")
    row = superuser.execute(
        "select price_per_unit from ai.prices_in_force(%s)", [f"{provider}/m"]
    ).fetchone()
    assert row == (3,)
