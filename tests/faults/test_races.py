"""Clients that want the same thing at the same time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from decimal import Decimal
from threading import Barrier
from typing import Any

import psycopg
import pytest

from tests.faults.conftest import size
from tests.faults.wallet import Connection, Json, Shop, call, charge, token

ROUNDS = size(12, 200)
Deed = Callable[[Connection], Any]


def race(shop: Shop, deeds: Sequence[Deed], rounds: int = 1, **options: Any) -> list[Any]:
    """Each deed on a connection of its own, all at once: what they return, or their errors' names."""
    start = Barrier(len(deeds))

    def run(deed: Deed) -> list[Any]:
        done = []
        with shop.connect(**options) as connection:
            start.wait()
            for _ in range(rounds):
                try:
                    done.append(deed(connection))
                except psycopg.Error as error:
                    done.append(token(error))
        return done

    with ThreadPoolExecutor(len(deeds)) as pool:
        return [one for done in pool.map(run, deeds) for one in done]


def do(function: str, **arguments: Any) -> Deed:
    return lambda connection: call(connection, function, **arguments)


def outcomes(done: Sequence[Any]) -> Counter[str]:
    return Counter(one if isinstance(one, str) else "done" for one in done)


def fund(shop: Shop, *accounts: str, amount: int = 100_000) -> None:
    with shop.connect() as client:
        for account in accounts:
            call(client, "grant_credits", account=account, amount=amount)


def team(shop: Shop, owner: str, *members: str, spend_limit: int | None = None) -> str:
    """A funded account of `owner` that members may spend from."""
    account = str(
        shop.value("insert into billing.accounts (lenser_id) values (%s) returning id", owner)
    )
    fund(shop, account)
    with shop.connect() as client:
        for member in members:
            call(client, "set_member", account=account, member=member, spend_limit=spend_limit)
    return account


def budget(shop: Shop, lenser: str, hard_limit: int, model: str | None = None) -> None:
    shop.db.execute(
        "insert into billing.budgets (lenser_id, period, hard_limit, model_id)"
        " values (%s, 'month', %s, (select id from ai.models where key = %s))",
        [lenser, hard_limit, model],
    )


def test_batches_over_the_same_accounts_in_opposite_orders(shop: Shop) -> None:
    accounts = shop.lensers(5)
    fund(shop, *accounts)
    requests = [charge(account, 1000) for account in accounts]
    done = race(
        shop,
        [do("charge_generations", requests=order) for order in (requests, requests[::-1])] * 4,
        ROUNDS,
    )
    assert outcomes(done) == {"done": 8 * ROUNDS}
    assert shop.value(
        "select sum(posted) from billing.accounts"
    ) == 500_000 - 5 * 8 * ROUNDS * Decimal("2.6")
    assert shop.broken() == []


def test_batches_over_the_same_spenders_in_opposite_orders(shop: Shop) -> None:
    ann, ben, one, two = shop.lensers(4)
    for lenser in (ann, ben):
        budget(shop, lenser, 1_000_000)
    accounts = [team(shop, owner, ann, ben) for owner in (one, two)]
    done = race(
        shop,
        [
            do(
                "charge_generations",
                requests=[charge(account, 1000, lenser=lenser) for lenser in order],
            )
            for account, order in zip(accounts, [(ann, ben), (ben, ann)], strict=True)
        ],
        ROUNDS,
    )
    assert outcomes(done) == {"done": 2 * ROUNDS}
    assert shop.broken() == []


def test_batches_over_the_same_budgets_in_opposite_orders(shop: Shop) -> None:
    ann, one = shop.lensers(2)
    fund(shop, ann)
    for model in ("m", "n"):
        budget(shop, ann, 1_000_000, model)
    done = race(
        shop,
        [
            do(
                "charge_generations",
                requests=[charge(account, 1000, lenser=ann, model=model) for model in order],
            )
            for account, order in ((ann, "mn"), (team(shop, one, ann), "nm"))
        ],
        ROUNDS,
    )
    assert outcomes(done) == {"done": 2 * ROUNDS}
    assert shop.broken() == []


@pytest.mark.parametrize("level", ["read committed", "serializable"])
def test_a_budget_spent_from_two_accounts_stays_within_its_limit(shop: Shop, level: str) -> None:
    ann, one = shop.lensers(2)
    fund(shop, ann)
    shared = team(shop, one, ann)
    budget(shop, ann, 20)
    done = race(
        shop,
        [
            do(function, **charge(account, 1000, lenser=ann))
            for account in (ann, shared)
            for function in ("charge_generation", "authorize_credits")
        ]
        * 4,
        options=f"-c default_transaction_isolation={level.replace(' ', chr(92) + ' ')}",
    )
    # 7 × 2.6 = 18.2: an eighth does not fit.
    seen = outcomes(done)
    if level == "read committed":
        assert seen == {"done": 7, "PT402 budget_exceeded": 9}
    else:
        assert seen.keys() <= {"done", "PT402 budget_exceeded", "40001"}
        assert 1 <= seen["done"] <= 7
    assert shop.broken() == []


def budget_meets(shop: Shop, slow_deed: Deed, lenser: str, account: str) -> None:
    """While a deed is not committed yet, somebody makes a budget and the lenser charges under it; then all end."""

    def make_and_charge() -> None:
        budget(shop, lenser, 1000)
        with shop.connect() as other:
            call(other, "charge_generation", **charge(account, 1000, lenser=lenser))

    with shop.connect(autocommit=False) as slow, ThreadPoolExecutor(1) as pool:
        slow_deed(slow)
        other = pool.submit(make_and_charge)
        wait([other], timeout=0.5)  # whether it waits for the slow one is its own affair
        slow.commit()
        other.result()


def test_a_budget_that_is_made_while_charges_run_counts_them(shop: Shop) -> None:
    ann, one = shop.lensers(2)
    fund(shop, ann)
    shared = team(shop, one, ann)
    budget_meets(shop, do("charge_generation", **charge(ann, 1000)), ann, shared)
    assert shop.value("select spent from billing.budget_periods") == Decimal("5.2")
    assert shop.broken() == []


def test_a_budget_that_is_made_while_a_refund_runs_counts_it(shop: Shop) -> None:
    ann, one = shop.lensers(2)
    fund(shop, ann)
    shared = team(shop, one, ann)
    with shop.connect() as client:
        paid = call(client, "charge_generation", **charge(shared, 1000, lenser=ann))["charge_id"]
    budget_meets(shop, do("refund_charge", charge=paid), ann, ann)
    assert shop.value("select spent from billing.budget_periods") == Decimal("2.6")
    assert shop.broken() == []


def succession_meets(shop: Shop, slow_deed: Deed, spender: str, account: str) -> None:
    """While a deed is not committed yet, model m is retired in favour of n, and the spender charges n; then all end."""

    def retire_and_charge() -> None:
        shop.db.execute("select ai.retire_model('m', 'n')")
        with shop.connect() as other:
            call(
                other,
                "charge_generation",
                **charge(account, 1000, lenser=spender, model="n"),
            )

    with shop.connect(autocommit=False) as slow, ThreadPoolExecutor(1) as pool:
        slow_deed(slow)
        other = pool.submit(retire_and_charge)
        wait([other], timeout=0.5)
        slow.commit()
        other.result()


@pytest.mark.parametrize("counted", [True, False], ids=["counted before", "not counted before"])
def test_a_model_that_is_succeeded_while_charges_run_has_them_counted(
    shop: Shop, counted: bool
) -> None:
    """The charge under way is older than the succession by its time, so it is the successor's alone."""
    ann, one = shop.lensers(2)
    fund(shop, ann)
    shared = team(shop, one, ann)
    budget(shop, ann, 1000, "m")
    if counted:
        with shop.connect() as client:
            call(client, "charge_generation", **charge(ann, 1000))
    succession_meets(shop, do("charge_generation", **charge(ann, 1000, model="n")), ann, shared)
    spent = Decimal("5.2") if counted else Decimal("2.6")
    assert shop.value("select spent from billing.budget_periods") == spent
    assert shop.broken() == []


@pytest.mark.parametrize("counted", [True, False], ids=["counted before", "not counted before"])
def test_a_charge_that_does_not_know_of_a_succession_is_counted(shop: Shop, counted: bool) -> None:
    """It charges the successor while the succession is not committed, and ends after the next charge began."""
    ann, one = shop.lensers(2)
    fund(shop, ann)
    shared = team(shop, one, ann)
    budget(shop, ann, 1000, "m")
    if counted:
        with shop.connect() as client:
            call(client, "charge_generation", **charge(ann, 1000))
    with (
        shop.connect(autocommit=False) as slow,
        psycopg.connect(shop.server.dsn(shop.name)) as admin,
        ThreadPoolExecutor(1) as pool,
    ):
        admin.execute("select ai.retire_model('m', 'n')")
        call(slow, "charge_generation", **charge(ann, 1000, model="n"))
        admin.commit()
        next_one = do("charge_generation", **charge(shared, 1000, lenser=ann, model="n"))
        other = pool.submit(race, shop, [next_one])
        done, _ = wait([other], timeout=0.5)
        assert not done
        slow.commit()
        assert outcomes(other.result()) == {"done": 1}
    spent = Decimal("7.8") if counted else Decimal("5.2")
    assert shop.value("select spent from billing.budget_periods") == spent
    assert shop.broken() == []


def test_successions_come_and_go_under_charges(shop: Shop) -> None:
    ann, one = shop.lensers(2)
    fund(shop, ann)
    shared = team(shop, one, ann)
    for model in ("m", "n", None):
        budget(shop, ann, 1_000_000, model)

    def come_and_go(_: Connection) -> Any:
        with psycopg.connect(shop.server.dsn(shop.name), autocommit=True) as admin:
            admin.execute("select ai.retire_model('m', 'n')")
            return admin.execute("select ai.activate_models('{m}')").rowcount

    spending = [
        do("charge_generation", **charge(account, 1000, lenser=ann, model=model))
        for account in (ann, shared)
        for model in "nn"
    ]
    batches = [
        do(
            "charge_generations",
            requests=[charge(account, 1000, lenser=ann, model="n") for _ in range(2)],
        )
        for account in (ann, shared)
    ]
    done = race(shop, [*spending, *batches, come_and_go], ROUNDS)
    assert outcomes(done) == {"done": 7 * ROUNDS}
    # The count of whatever stands now is right from the next charge on.
    with shop.connect() as client:
        call(client, "charge_generation", **charge(ann, 1000, model="m"))
    spent = (
        "select spent from billing.budget_periods as p join billing.budgets as b on b.id = p.budget_id"
        " where b.model_id is "
    )
    assert shop.value(spent + "null") == (8 * ROUNDS + 1) * Decimal("2.6")
    assert shop.value(
        spent + "not distinct from (select id from ai.models where key = 'm')"
    ) == Decimal("2.6")
    assert shop.broken() == []


def test_a_budget_moves_between_time_zones_under_charges(shop: Shop) -> None:
    ann, one = shop.lensers(2)
    fund(shop, ann)
    shared = team(shop, one, ann)
    budget(shop, ann, 1_000_000)

    def move(connection: Connection) -> Any:
        # The login inherits rights, and not that policies do not apply.
        with connection.transaction():
            connection.execute("set local role service_role")
            for zone in ("Asia/Tokyo", "UTC"):
                sent = "update billing.budgets set time_zone = %s where lenser_id = %s"
                assert connection.execute(sent, [zone, ann]).rowcount == 1

    def charge_and_refund(account: str) -> Deed:
        def deed(connection: Connection) -> Any:
            paid = call(connection, "charge_generation", **charge(account, 1000, lenser=ann))
            call(connection, "charge_generations", requests=[charge(account, 1000, lenser=ann)])
            return call(connection, "refund_charge", charge=paid["charge_id"], amount=1)

        return deed

    deeds = [charge_and_refund(account) for account in (ann, shared)]
    done = race(shop, [*deeds * 2, move], ROUNDS)
    assert outcomes(done) == {"done": 5 * ROUNDS}
    with shop.connect() as client:
        call(client, "charge_generation", **charge(ann, 1000))
    spent = 4 * ROUNDS * Decimal("4.2") + Decimal("2.6")
    assert shop.value("select sum(spent) from billing.budget_periods") == spent
    assert shop.broken() == []


def test_a_hold_is_priced_when_its_turn_comes(shop: Shop) -> None:
    (ann,) = shop.lensers(1)
    fund(shop, ann)

    def hold() -> Any:
        with shop.connect() as other:
            held = call(other, "authorize_credits", **charge(ann, 1000))
            return held["amount"], call(other, "capture_hold", hold=held["hold_id"])["credits"]

    with shop.connect(autocommit=False) as slow, ThreadPoolExecutor(1) as pool:
        call(slow, "grant_credits", account=ann, amount=1)
        other = pool.submit(hold)
        wait([other], timeout=0.5)
        shop.db.execute(
            "insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from)"
            " select p.model_id, p.meter, 2 * p.price_per_unit, ratebook.clock() from ai.model_pricing as p"
            " where p.meter = 'input' and p.model_id = (select id from ai.models where key = 'm')"
        )
        slow.commit()
        assert other.result() == ("5.2", "5.2")


def double_the_price(shop: Shop, since: Any) -> None:
    shop.db.execute(
        "insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from)"
        " select p.model_id, p.meter, 2 * p.price_per_unit, %s from ai.model_pricing as p"
        " where p.meter = 'input' and p.model_id = (select id from ai.models where key = 'm')",
        [since],
    )


@pytest.mark.parametrize(
    ("ends", "paid"),
    [
        ("lot", ("second", "-2.6")),
        ("price", ("first", "-5.2")),
        ("unknown price", ("first", "-2.6")),
    ],
)
def test_what_ends_while_a_charge_waits(ends: str, paid: tuple[str, str], shop: Shop) -> None:
    """Who holds the account's row rolls back, so that the update of the charge that waits is not evaluated again."""
    (ann,) = shop.lensers(1)
    soon = shop.value("select clock_timestamp() + interval '1.5 seconds'")
    with shop.connect() as client:
        expiry = {"expires_at": soon, "source": "promotion"} if ends == "lot" else {}
        lots = {
            call(client, "grant_credits", account=ann, amount=100, **expiry)["grant_id"]: "first",
            call(client, "grant_credits", account=ann, amount=100)["grant_id"]: "second",
        }
        # Known before the charge is priced, or only while it waits.
        if ends == "price":
            double_the_price(shop, soon)
        # From here on the first lot is the head: the charge that waits is a plain one.
        call(client, "charge_generation", **charge(ann, 1000))

    def wait_and_charge() -> Any:
        with shop.connect() as other:
            return call(other, "charge_generation", **charge(ann, 1000))["charge_id"]

    with shop.connect(autocommit=False) as slow, ThreadPoolExecutor(1) as pool:
        call(slow, "grant_credits", account=ann, amount=1)
        other = pool.submit(wait_and_charge)
        wait([other], timeout=0.3)
        assert not other.done()
        if ends == "unknown price":
            double_the_price(shop, soon)
        shop.db.execute(
            "select pg_sleep(greatest(0, extract(epoch from %s - clock_timestamp())))", [soon]
        )
        slow.rollback()
        made = other.result()
    entries = shop.db.execute(
        "select e.grant_id::text, e.amount::text, c.priced_at < %s from billing.ledger_entries as e"
        " join billing.charges as c on c.id = e.charge_id"
        " where e.lenser_id = %s and e.kind = 'charge' order by e.number",
        [soon, ann],
    ).fetchall()
    assert [(lots[lot], amount) for lot, amount, _ in entries] == [("first", "-2.6"), paid]
    # A price is that of the time which stands beside it.
    assert entries[1][2] is (ends == "unknown price")
    assert shop.value("select credits from billing.charges where id = %s", made) == -Decimal(
        paid[1]
    )
    assert shop.broken() == []


def test_a_member_stays_within_the_limit(shop: Shop) -> None:
    ann, one = shop.lensers(2)
    account = team(shop, one, ann, spend_limit=10)
    done = race(shop, [do("charge_generation", **charge(account, 1000, lenser=ann))] * 16)
    assert outcomes(done) == {"done": 3, "PT402 member_limit_exceeded": 13}
    assert shop.value("select spent from billing.account_members") == Decimal("7.8")
    assert shop.broken() == []


def lower_the_overdraft(account: str, limit: int) -> Deed:
    def deed(connection: Connection) -> Any:
        # The login inherits rights, and not that policies do not apply.
        with connection.transaction():
            connection.execute("set local role service_role")
            sent = "update billing.accounts set overdraft_limit = %s where id = %s"
            return connection.execute(sent, [limit, account]).rowcount

    return deed


def test_a_limit_is_lowered_while_a_charge_runs(shop: Shop) -> None:
    """Whoever comes second sees what the first wrote: the hold is ended once, the new debt stands in the way."""
    (ann,) = shop.lensers(1)
    shop.db.execute(
        "insert into billing.accounts (id, lenser_id, overdraft_limit) values (%s, %s, 10)",
        [ann] * 2,
    )
    with shop.connect() as client:
        call(client, "authorize_credits", account=ann, amount=10, expires_in="1 ms")

    def lower(limit: int) -> Any:
        return race(shop, [lower_the_overdraft(ann, limit)])

    with shop.connect(autocommit=False) as slow, ThreadPoolExecutor(1) as pool:
        call(slow, "charge_generation", **charge(ann, 1000))
        other = pool.submit(lower, 2)
        wait([other], timeout=0.5)
        slow.commit()
        assert other.result() == ["PT422 invalid_argument"]
    assert lower(3) == [1]
    assert (
        shop.value("select posted || ' ' || reserved || ' ' || debt from billing.accounts")
        == "-2.6 0 2.6"
    )
    assert shop.broken() == []


def test_limits_are_lowered_while_holds_time_out(shop: Shop) -> None:
    accounts = shop.lensers(3)
    for account in accounts:
        shop.db.execute(
            "insert into billing.accounts (id, lenser_id, overdraft_limit) values (%s, %s, 10)",
            [account] * 2,
        )
    # More than two charges of 2.6 in each round, at full size, too.
    fund(shop, *accounts, amount=2000)

    def limits(account: str) -> Deed:
        def deed(connection: Connection) -> Any:
            # Raising settles nothing, lowering does.
            lower_the_overdraft(account, 10)(connection)
            assert lower_the_overdraft(account, 5)(connection) == 1

        return deed

    done = race(
        shop,
        [
            deed
            for account in accounts
            for deed in (
                do("authorize_credits", account=account, amount=1, expires_in="1 ms"),
                do("charge_generation", **charge(account, 1000)),
                limits(account),
            )
        ]
        + [
            do(
                "charge_generations",
                requests=[charge(account, 1000) for account in accounts],
            )
        ]
        + [do("sweep_accounts")],
        ROUNDS,
    )
    assert outcomes(done) == {"done": 11 * ROUNDS}
    spent = 6 * ROUNDS * Decimal("2.6")
    assert shop.value("select sum(posted) from billing.accounts") == 6000 - spent
    assert shop.broken() == []


def top_up(account: str) -> Deed:
    return do("grant_credits", account=account, amount=5, source="purchase", external_ref="evt_1")


def test_an_event_tops_up_once(shop: Shop) -> None:
    (ann,) = shop.lensers(1)
    done = race(shop, [top_up(ann)] * 32)
    assert len({one["grant_id"] for one in done}) == 1
    assert shop.value("select posted from billing.accounts") == 5
    assert shop.broken() == []


@pytest.mark.parametrize(
    ("level", "refusals"),
    [
        ("read committed", {"PT409 idempotency_conflict"}),
        ("repeatable read", {"PT409 idempotency_conflict", "40001"}),
        ("serializable", {"PT409 idempotency_conflict", "40001"}),
    ],
)
def test_an_event_tops_up_one_account(shop: Shop, level: str, refusals: set[str]) -> None:
    accounts = shop.lensers(16)
    done = race(
        shop,
        [top_up(account) for account in accounts],
        options=f"-c default_transaction_isolation={level.replace(' ', chr(92) + ' ')}",
    )
    seen = outcomes(done)
    assert seen["done"] == 1
    assert seen.keys() <= refusals | {"done"}
    assert shop.value("select sum(posted) from billing.accounts") == 5
    assert shop.broken() == []


def test_an_account_is_made_once(shop: Shop) -> None:
    (ann,) = shop.lensers(1)
    done = race(shop, [do("grant_credits", account=ann, amount=1)] * 32)
    assert outcomes(done) == {"done": 32}
    assert shop.value("select posted from billing.accounts") == 32
    assert shop.broken() == []


def test_a_charge_is_refunded_once(shop: Shop) -> None:
    (ann,) = shop.lensers(1)
    fund(shop, ann, amount=100)
    with shop.connect() as client:
        paid = call(client, "charge_generation", **charge(ann, 10_000))["charge_id"]
    done = race(shop, [do("refund_charge", charge=paid, amount=10)] * 16)
    assert outcomes(done) == {"done": 2, "PT409 refund_exceeds_charge": 14}
    assert shop.value("select posted from billing.accounts") == 94
    assert shop.broken() == []


def test_moves_in_opposite_directions_do_not_wait_for_each_other(shop: Shop) -> None:
    ann, ben = shop.lensers(2)
    fund(shop, ann, ben, amount=1000)
    done = race(
        shop,
        [
            do("move_credits", from_account=here, to_account=there, amount=1)
            for here, there in ((ann, ben), (ben, ann))
        ]
        * 4
        + [do("charge_generations", requests=[charge(who, 100) for who in (ben, ann)])],
        ROUNDS,
    )
    assert outcomes(done) == {"done": 9 * ROUNDS}
    # As many moved there as back; 100 tokens are 0.26 credits.
    assert (
        shop.value("select array_agg(posted::numeric) from billing.accounts")
        == [1000 - ROUNDS * Decimal("0.26")] * 2
    )
    assert shop.broken() == []


def test_a_move_takes_no_more_than_there_is(shop: Shop) -> None:
    ann, ben, cleo = shop.lensers(3)
    fund(shop, ann, amount=10)
    done = race(
        shop,
        [
            do("move_credits", from_account=ann, to_account=to, amount=3)
            for to in (ben, cleo)
            for _ in range(4)
        ]
        + [do("charge_generation", **charge(ann, 1000))] * 4,
    )
    seen = outcomes(done)
    assert seen.keys() == {"done", "PT402 insufficient_credits"}
    # Each three or 2.6 of ten: three of them fit, whichever come first.
    assert seen["done"] == 3
    assert shop.broken() == []


def test_an_event_takes_back_once(shop: Shop) -> None:
    (ann,) = shop.lensers(1)
    with shop.connect() as client:
        lot = call(client, "grant_credits", account=ann, amount=50)["grant_id"]
    done = race(
        shop,
        [do("revoke_grant", lot=lot, amount=20, external_ref="dispute")] * 8
        + [do("charge_generation", **charge(ann, 1000))] * 8,
    )
    assert outcomes(done) == {"done": 16}
    assert len({one["revocation_id"] for one in done if "revocation_id" in one}) == 1
    assert shop.value("select posted from billing.accounts") == 50 - 20 - 8 * Decimal("2.6")
    assert shop.broken() == []


def test_a_payment_taken_back_while_it_is_held_and_captured(shop: Shop) -> None:
    (ann,) = shop.lensers(1)
    with shop.connect() as client:
        lot = call(client, "grant_credits", account=ann, amount=100)["grant_id"]
        holds = [
            call(client, "authorize_credits", account=ann, amount=10, expires_in="1 day")["hold_id"]
            for _ in range(8)
        ]
    done = race(
        shop,
        [do("capture_hold", hold=hold, amount=7) for hold in holds[:4]]
        + [do("release_hold", hold=hold) for hold in holds[4:]]
        + [do("revoke_grant", lot=lot)] * 2,
    )
    assert outcomes(done) == {"done": 9, "PT409 revocation_exceeds_grant": 1}
    # Four times seven were spent, before or after: that is owed, and nothing else is left.
    assert shop.db.execute("select posted, reserved, debt from billing.accounts").fetchall() == [
        (-28, 0, 28)
    ]
    assert shop.broken() == []


def test_an_estimate_is_settled_once(shop: Shop) -> None:
    (ann,) = shop.lensers(1)
    fund(shop, ann, amount=100)
    with shop.connect() as client:
        paid = call(client, "charge_generation", **charge(ann, 1000), estimated=True)["charge_id"]
    done = race(
        shop,
        [do("settle_charge", charge=paid, amount=amount) for amount in (1, 2, 3, 4)] * 4
        + [do("refund_charge", charge=paid)] * 2,
    )
    seen = outcomes(done)
    settled = shop.value(
        "select max(credits)::numeric from billing.charges where estimate_id is not null"
    )
    # Whoever comes first is answered, and so is the same figure again.
    if settled is None:
        assert seen == {"done": 1, "PT409 already_refunded": 16, "PT409 refund_exceeds_charge": 1}
        settled = 0
    else:
        assert seen == {"done": 4, "PT409 already_settled": 12, "PT409 refund_exceeds_charge": 2}
    assert shop.value("select posted from billing.accounts") == 100 - settled
    assert shop.broken() == []


def test_an_erasure_leaves_no_prompt_of_charges_under_way(shop: Shop) -> None:
    ann, ben = shop.lensers(2)
    fund(shop, ann, ben)
    secret: Json = {"prompt": "secret", "output": "secret"}
    with shop.connect() as client:
        call(client, "charge_generation", **charge(ann, 10, **secret))

    def erase(connection: Connection) -> Any:
        row = connection.execute("select ai.erase_lenser(%s)", [ann]).fetchone()
        assert row is not None
        return row[0]

    done = race(
        shop,
        [
            do("charge_generation", **charge(ann, 10, **secret)),
            do("charge_generations", requests=[charge(who, 10, **secret) for who in (ann, ben)]),
            do("charge_generations", requests=[charge(who, 10, **secret) for who in (ben, ann)]),
            do("authorize_credits", account=ann, amount=1),
            erase,
        ],
        ROUNDS,
    )
    assert outcomes(done).keys() <= {"done", "42501"}
    kept = "select count(*) from ai.generations where lenser_id = %s and (prompt, output) is distinct from (null, null)"
    assert shop.value(kept, ann) == 0
    assert shop.broken() == []


def test_sweeps_meet_charges(shop: Shop, figure: Callable[[str], None]) -> None:
    accounts = shop.lensers(5)
    fund(shop, *accounts, amount=500)
    with shop.connect() as client:
        for idle in shop.lensers(20):
            call(client, "grant_credits", account=idle, amount=1)
            call(client, "authorize_credits", account=idle, amount=1, expires_in="1 ms")

    def expiring(account: str) -> Deed:
        def deed(connection: Connection) -> Any:
            call(connection, "authorize_credits", account=account, amount=1, expires_in="20 ms")
            at = connection.execute("select clock_timestamp() + interval '10 ms'").fetchone()
            assert at is not None
            return call(connection, "grant_credits", account=account, amount=1, expires_at=at[0])

        return deed

    done = race(
        shop,
        [expiring(account) for account in accounts]
        + [do("charge_generation", **charge(account, 100)) for account in accounts]
        + [do("charge_generations", requests=[charge(account, 100) for account in accounts])]
        + [do("sweep_accounts", at_most=2)] * 3,
        ROUNDS,
    )
    assert outcomes(done).keys() <= {"done", "PT402 insufficient_credits", "PT422 invalid_time"}
    expired = shop.value("select count(*) from billing.ledger_entries where kind = 'expiry'")
    swept = sum(one for one in done if isinstance(one, int))
    assert expired > 0
    assert swept >= 20
    assert shop.broken() == []
    figure(f"{expired:,} lots expired, {swept:,} accounts swept under charges")
