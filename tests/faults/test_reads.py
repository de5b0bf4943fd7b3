"""A read by an owner costs by the answer, never by the size of the table: buffers of pages over 60 months.

The same at 30 thousand rows and, in `make faults`, at a million; of few owners, each of whom the planner expects to
have a share of every table, and of many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.faults import history
from tests.faults.conftest import size
from tests.faults.history import History
from tools import schema, servers
from tools.project import REPOSITORY, Project

ROWS = size(30_000, 1_000_000)
MANY = ROWS // 200
PAGE = 50


@pytest.fixture(
    scope="module",
    params=[(15, history.FEW), (18, history.FEW), (18, MANY)],
    ids=["15-few", "18-few", "18-many"],
)
def past(request: pytest.FixtureRequest) -> Iterator[History]:
    version, people = request.param
    with servers.start(version, settings={"max_wal_size": "4GB"}) as server:
        db = server.create_database("history")
        schema.build_truth(server, db, Project(REPOSITORY))
        with server.connect(db) as connection:
            yield history.load(connection, ROWS, people)


@pytest.mark.parametrize("order", ["id", "created_at"])
@pytest.mark.parametrize("table", history.TABLES + history.WHOLE)
def test_an_owners_page(
    past: History, table: str, order: str, figure: Callable[[str], None]
) -> None:
    """Without any condition of the caller's, also where all of the owner's rows lie in old months."""
    statement = f"select * from {table} order by {order} desc limit {PAGE}"
    pages = {
        who: history.read(past.connection, subject, statement)
        for who, subject in (("occasional", past.occasional), ("busy", past.busy))
    }
    figure(f"{table} by {order}, {ROWS:,} rows in {past.months} months: {pages}")
    assert [page.rows for page in pages.values()] == [history.OLD_ROWS, PAGE]
    pieces = past.months if table in history.TABLES else 2
    for page in pages.values():
        assert page.buffers <= 4 * pieces + page.rows


@pytest.mark.parametrize("table", [table.replace(".", ".all_") for table in history.TABLES])
def test_an_admins_page_of_everybodys_rows(
    past: History, table: str, figure: Callable[[str], None]
) -> None:
    statement = f"select * from {table} order by id desc limit {PAGE}"
    page = history.read(past.connection, past.admin, statement)
    figure(f"{table} by id, {ROWS:,} rows in {past.months} months: {page}")
    assert page.rows == PAGE
    assert page.buffers <= 4 * past.months + page.rows
    # Others are found to be none by a look at their roles.
    nobody = history.read(past.connection, past.busy, f"select * from {table}")
    assert nobody.rows == 0
    assert nobody.buffers <= 4


@pytest.mark.parametrize(
    "page",
    [
        "order by id desc",
        "order by created_at desc",
        pytest.param("where status = 'pending' order by id desc", marks=pytest.mark.compat),
    ],
)
@pytest.mark.parametrize(
    "view", [pytest.param("compat.jobs", marks=pytest.mark.compat), "ai.resources"]
)
def test_a_page_of_a_view_that_shows_owners_theirs_and_admins_all(
    past: History, view: str, page: str, figure: Callable[[str], None]
) -> None:
    if view == "ai.resources" and "status" in page:
        pytest.skip("It has no status.")
    statement = f"select * from {view} {page} limit {PAGE}"
    occasional = history.read(past.connection, past.occasional, statement)
    busy = history.read(past.connection, past.busy, statement)
    admin = history.read(past.connection, past.admin, statement)
    figure(
        f"{view} {page}, {ROWS:,} rows in {past.months} months:"
        f" {occasional}, of a busy owner {busy}, of an admin {admin}"
    )
    assert (occasional.rows, busy.rows, admin.rows) == (history.OLD_ROWS, PAGE, PAGE)
    pieces = past.months if view == "compat.jobs" else 2
    # At the full size a month's key is a level lower than its index by owner, and the planner, who expects others'
    # rows to fill the page, takes the key for an owner who has none of late: 6,000 buffers. No estimate mends both
    # this and an admin's page.
    is_by_key = view == "compat.jobs" and "created_at" not in page and ROWS > 30_000
    for read in (busy,) if is_by_key else (occasional, busy):
        assert read.buffers <= 4 * pieces + read.rows
    if view == "compat.jobs" and "created_at" not in page:
        # One's own and the others', merged. There is no index of everybody's by created_at, and no page of everybody's
        # objects in the view: media.all_objects has it.
        assert admin.buffers <= 2 * 4 * pieces + admin.rows


def test_tables_with_a_second_condition(past: History, figure: Callable[[str], None]) -> None:
    """Members are found by two indexes, roles by reading the table: few have one."""
    past.connection.execute(
        """
        insert into lensers.profiles (id) select gen_random_uuid() from generate_series(1, %(people)s);
        insert into billing.account_members (account_id, lenser_id, member_id)
        select a.id, a.id, p.id from billing.accounts as a, lensers.profiles as p
        where a.id not in (p.id, %(busy)s) and p.id <> %(busy)s
        limit %(people)s;
        insert into billing.account_members (account_id, lenser_id, member_id)
        select a.id, a.id, %(busy)s from billing.accounts as a where a.id <> %(busy)s limit 5;
        insert into billing.account_members (account_id, lenser_id, member_id)
        select a.id, a.id, p.id from billing.accounts as a, lensers.profiles as p
        where a.id = %(busy)s and p.id <> a.id limit 3;
        """.replace("%(people)s", str(ROWS // 10)).replace("%(busy)s", f"'{past.busy}'")
    )
    past.connection.execute("vacuum analyze billing.account_members, lensers.profiles")
    profiles = history.read(past.connection, past.busy, "select * from lensers.profiles")
    members = history.read(past.connection, past.busy, "select * from billing.account_members")
    roles = history.read(past.connection, past.busy, "select * from lensers.user_roles")
    figure(f"of {ROWS // 10:,} each, profiles {profiles}, members {members}; of one, roles {roles}")
    assert (profiles.rows, members.rows, roles.rows) == (1, 5 + 3, 0)
    assert profiles.buffers <= 4
    # Two descents and a row each.
    assert members.buffers <= 2 * 4 + members.rows
    # Its one page, and who is an admin.
    assert roles.buffers <= 3


@pytest.mark.execution
def test_evaluations_are_ones_own_and_the_public(
    past: History, figure: Callable[[str], None]
) -> None:
    """What others keep private is not read."""
    past.connection.execute(
        """
        set session_replication_role = replica;
        insert into execution.evaluations (id, lenser_id, name, created_at)
        select id, lenser_id, id::text, happened_at from events;
        update execution.evaluations set visibility = 'public'
        where id in (
          select e.id from events as e inner join people as p on p.id = e.lenser_id where p.i = 4 limit 10
        );
        set session_replication_role = origin;
        """
    )
    past.connection.execute("vacuum analyze execution.evaluations")
    for order in ("id", "created_at"):
        statement = f"select * from execution.evaluations order by {order} desc limit {PAGE}"
        page = history.read(past.connection, past.occasional, statement)
        figure(f"evaluations by {order}, {ROWS:,} rows, 10 public: {page}")
        assert page.rows == PAGE
        assert page.buffers <= 2 * 4 + history.OLD_ROWS + 10


def test_the_history_of_a_model_is_found_by_its_index(
    past: History, figure: Callable[[str], None]
) -> None:
    past.connection.execute(
        """
        insert into ai.models (key, name, provider_id)
        select 'audited-' || n, 'A', p.id from generate_series(1, 2000) as n, ai.providers as p where p.key = 'history';
        insert into ai.model_aliases (alias, model_id)
        select m.key || '-' || n, m.id from ai.models as m, generate_series(1, 4) as n where m.key like 'audited-%';
        update ai.model_aliases set model_id = (select id from ai.models where key = 'audited-2')
        where alias = 'audited-1-1';
        delete from ai.model_aliases where alias = 'audited-1-2';
        """
    )
    past.connection.execute("vacuum analyze lensers.audit_history")
    row = past.connection.execute("select id from ai.models where key = 'audited-1'").fetchone()
    assert row is not None
    statement = (
        "select * from lensers.audit_history"
        f" where model_id = '{row[0]}' or former_model_id = '{row[0]}' order by id desc limit 50"
    )
    page = history.read(past.connection, past.admin, statement)
    figure(f"history of a model: {page}")
    # The model, four aliases, one that moved away, one that was deleted.
    assert page.rows == 7
    assert page.buffers <= 2 * 4 + page.rows + 2
    assert history.read(past.connection, past.busy, statement).rows == 0


def test_prices_hide_without_a_look_at_each_model(
    past: History, figure: Callable[[str], None]
) -> None:
    """What row security adds to a page of prices: the 50 hidden models, once, and a hidden one's prices passed over."""
    past.connection.execute(
        """
        insert into ai.models (key, name, provider_id, is_public)
        select 'priced-' || n, 'P', p.id, n % 90 > 0 from generate_series(1, 4500) as n, ai.providers as p
        where p.key = 'history';
        set session_replication_role = replica;
        insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from)
        select m.id, t.meter, 0.000001, '2025-01-01Z' from ai.models as m, unnest('{input,output}'::text[]) as t (meter)
        where m.key like 'priced-%';
        insert into ai.model_aliases (alias, model_id)
        select m.key || '-a', m.id from ai.models as m where m.key like 'priced-%';
        set session_replication_role = origin;
        """
    )
    past.connection.execute(
        "vacuum analyze ai.models, ai.model_pricing, ai.model_aliases, ai.model_price_sources"
    )
    for statement in (
        "select * from ai.model_pricing order by model_id, meter limit 1000",
        "select * from ai.model_pricing",
        "select * from ai.model_aliases",
        "select * from ai.model_price_sources",
        "select count(*) from ai.model_price_sources",
    ):
        everything = history.read(past.connection, past.busy, statement, role="service_role")
        visitor = history.read(past.connection, past.busy, statement, role="anon")
        figure(f"{statement}: {everything} without row security, {visitor} for a visitor")
        assert 0 < visitor.rows <= everything.rows
        assert visitor.buffers <= everything.buffers * 1.05 + 50 + 5
