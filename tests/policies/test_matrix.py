"""The matrix of matrix.py against the running database, over SQL and over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from tests.conftest import Connection
from tests.modules import is_absent
from tests.policies.matrix import (
    ROLES,
    SUBJECTS,
    VERBS,
    Row,
    World,
    calls,
    cells,
    has_rows_of_its_own,
    uuid_v7,
    word,
)

CASES = [
    pytest.param(table, role, letter, letter in letters, id=f"{table}-{role}-{verb}")
    for (table, role), letters in cells().items()
    for letter, verb in VERBS.items()
]
API_ROLES = ("anon", "authenticated", "service_role")
# How a refusal may read: no privilege (42501), history (PT409).
REFUSALS = {"42501", "PT409"}


# Three thousand tests share what takes each a while to begin: a connection to the database, and one over HTTP.


@pytest.fixture(scope="module")
def db(ratebook_stack: Any) -> Iterator[Connection]:
    """The superuser beside the API, in autocommit; a role is taken for one transaction."""
    with psycopg.connect(ratebook_stack.dsn, autocommit=True, row_factory=dict_row) as connection:
        yield connection


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    """A client that sends what each request says, and no more."""
    with httpx.Client() as client:
        yield client


@pytest.fixture(scope="module")
def people(db: Connection) -> dict[str, UUID]:
    """A user for each signed-in role, and their roles."""
    users = {name: uuid4() for name in ("authenticated", "owner", "admin", "member")}
    for user in users.values():
        db.execute("insert into auth.users (id) values (%s)", [user])
        db.execute("insert into lensers.profiles (id, user_id) values (%s, %s)", [user, user])
    db.execute("insert into lensers.user_roles values (%s, 'admin')", [users["admin"]])
    return users


def make_world(db: Connection, people: dict[str, UUID], table: str, role: str) -> World:
    """Fresh rows to refer to. Where a row's id is a person, the owner is somebody new."""

    def one(query: str, *values: Any) -> Any:
        row = db.execute(query, values).fetchone()
        assert row is not None
        return next(iter(row.values()))

    provider_key, model_key = word(), word()
    provider = one(
        "insert into ai.providers (key, name) values (%s, 'P') returning id", provider_key
    )
    newcomer = one("insert into auth.users (id) values (gen_random_uuid()) returning id")
    owner = people["owner"]
    model = one(
        "insert into ai.models (key, name, provider_id) values (%s, 'M', %s) returning id",
        model_key,
        provider,
    )
    account = one("insert into billing.accounts (lenser_id) values (%s) returning id", owner)
    if table == "billing.settings":
        db.execute("delete from billing.settings")
    evaluation = (
        make_evaluation(db, owner, model, provider) if table.startswith("execution.") else {}
    )
    return World(
        provider_id=provider,
        provider_key=provider_key,
        model_key=model_key,
        model_id=model,
        account_id=account,
        budget_id=one(
            "insert into billing.budgets (lenser_id, model_id, period, hard_limit)"
            " values (%s, %s, 'month', 1) returning id",
            owner,
            model,
        ),
        charge_id=one(
            "insert into billing.charges"
            " (id, lenser_id, account_id, spender_id, priced_at, credits, created_at)"
            " values (%s, %s, %s, %s, now(), 1, now()) returning id",
            uuid_v7(),
            owner,
            account,
            owner,
        ),
        grant_id=one(
            "insert into billing.grants (lenser_id, account_id, amount) values (%s, %s, 1) returning id",
            owner,
            account,
        ),
        member=people["member"],
        feature_key=one("insert into ai.features (key) values (%s) returning key", word()),
        owner=owner,
        newcomer=newcomer,
        evaluation=evaluation,
    )


def make_evaluation(db: Connection, owner: UUID, model: UUID, provider: UUID) -> dict[str, UUID]:
    """Two evaluations of the owner's, one of them open, with a run and a submission of another model."""
    ids: dict[str, UUID] = {}
    for state in ("draft", "open"):
        row = {"lenser_id": owner, "name": word()}
        ids[state] = insert(db, "execution.evaluations", row)["id"]
    part = {"lenser_id": owner, "evaluation_id": ids["open"], "visibility": "private"}
    other = insert(db, "ai.models", {"key": word(), "name": "O", "provider_id": provider})["id"]
    contender = part | {"number": 1, "model_id": other}
    ids["contender"] = insert(db, "execution.contenders", contender)["id"]
    ids["judge"] = insert(db, "execution.judges", part | {"model_id": model})["id"]
    db.execute("update execution.evaluations set state = 'open' where id = %s", [ids["open"]])
    ids["run"] = insert(db, "execution.runs", part | {"key": word()})["id"]
    answer = {
        "run_id": ids["run"],
        "contender_id": ids["contender"],
        "case_key": "one",
        "generation_id": uuid4(),
    }
    ids["submission"] = insert(db, "execution.submissions", part | answer)["id"]
    return ids


def claims(people: dict[str, UUID], world: World, table: str, role: str) -> dict[str, str]:
    """The token of a role. The owner of a person's own row is that person."""
    if role in ("anon", "service_role"):
        return {"role": role}
    is_person = table in ("lensers.profiles", "lensers.user_roles")
    sub = world.newcomer if role == "owner" and is_person else people[role]
    return {"role": "authenticated", "sub": str(sub)}


def _identifier(table: str) -> sql.Identifier:
    return sql.Identifier(*table.split("."))


def _adapted(value: Any) -> Any:
    return Jsonb(value) if isinstance(value, dict) else value


def insert(db: Connection, table: str, row: Row) -> Row:
    # As JSON: Python has no infinite timestamp.
    query = sql.SQL("insert into {} as t ({}) values ({}) returning to_jsonb(t) as row").format(
        _identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, row)),
        sql.SQL(", ").join(sql.Placeholder() * len(row)),
    )
    made = db.execute(query, list(map(_adapted, row.values()))).fetchone()
    assert made is not None
    return dict(made["row"])


def where(keys: Row) -> sql.Composed:
    return sql.SQL(" and ").join(
        sql.SQL("{} = {}").format(sql.Identifier(k), sql.Literal(v)) for k, v in keys.items()
    )


def state(db: Connection, table: str, keys: Row) -> str | None:
    """The row as it stands, for telling whether anything changed; None when it is gone or marked deleted."""
    query = sql.SQL(
        "select to_jsonb(t)::text as row, to_jsonb(t) ->> 'deleted_at' as deleted from {} as t where {}"
    )
    row = db.execute(query.format(_identifier(table), where(keys))).fetchone()
    return None if row is None or row["deleted"] else str(row["row"])


def make(db: Connection, table: str, world: World) -> Row:
    """Make a row; returns its key."""
    subject = SUBJECTS[table]
    made = insert(db, subject.base or table, subject.row(world))
    return {
        key: made[name]
        for key, name in zip(subject.key, subject.base_key or subject.key, strict=True)
    }


def body_of(table: str, world: World, role: str) -> Row:
    subject = SUBJECTS[table]
    return subject.body(world, role) if subject.body else subject.row(world)


class Sql:
    """Acts as a role over SQL; a verb returns the number of rows, or raises."""

    def __init__(self, db: Connection, token: dict[str, str]) -> None:
        self.db = db
        self.token = token

    def execute(self, query: sql.Composed, values: Any = ()) -> psycopg.Cursor[Row]:
        with self.db.transaction():
            self.db.execute(
                "select set_config('request.jwt.claims', %s, true)", [json.dumps(self.token)]
            )
            self.db.execute(sql.SQL("set local role {}").format(sql.Identifier(self.token["role"])))
            return self.db.execute(query, values)

    def run(self, query: sql.Composed, values: Any = ()) -> list[Row]:
        return self.execute(query, values).fetchall()

    def read(self, table: str, keys: Row) -> int:
        query = sql.SQL("select to_jsonb(t) from {} as t where {}")
        return len(self.run(query.format(_identifier(table), where(keys))))

    def create(self, table: str, row: Row) -> int:
        # Not "returning *": creating and reading are two verbs.
        query = sql.SQL(
            "with made as (insert into {} ({}) values ({}) returning 1) select * from made"
        ).format(
            _identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join(sql.Placeholder() * len(row)),
        )
        return len(self.run(query, list(map(_adapted, row.values()))))

    def update(self, table: str, keys: Row, patch: Row) -> int:
        values = sql.SQL(", ").join(
            sql.SQL("{} = {}").format(sql.Identifier(k), sql.Literal(v)) for k, v in patch.items()
        )
        query = sql.SQL("with u as (update {} set {} where {} returning 1) select * from u")
        return len(self.run(query.format(_identifier(table), values, where(keys))))

    def delete(self, table: str, keys: Row) -> int:
        query = sql.SQL("with d as (delete from {} where {} returning 1) select * from d")
        return len(self.run(query.format(_identifier(table), where(keys))))


class RefusedError(Exception):
    """HTTP said no."""


class Http:
    """Acts as a role through the gateway and PostgREST."""

    def __init__(self, client: httpx.Client, stack: Any, token: dict[str, str]) -> None:
        self.client = client
        jwt = stack.token(token["role"], token.get("sub"))
        self.url = f"{stack.url}/rest/v1"
        self.headers = {"apikey": stack.anon_key, "Authorization": f"Bearer {jwt}"}

    def run(
        self, method: str, table: str, keys: Row, body: Row | None = None, prefer: str = ""
    ) -> list[Row]:
        schema, name = table.split(".")
        response = self.client.request(
            method,
            f"{self.url}/{name}",
            params={
                key: value if str(value).startswith("is.") else f"eq.{value}"
                for key, value in keys.items()
            },
            json=None if body is None else json.loads(json.dumps(body, default=str)),
            headers=self.headers
            | {"Accept-Profile": schema, "Content-Profile": schema, "Prefer": prefer},
        )
        if response.status_code in (401, 403, 405, 409):
            assert response.json()["code"] in REFUSALS, response.text
            raise RefusedError(response.text)
        assert response.is_success, response.text
        return list(response.json()) if response.content else []

    def read(self, table: str, keys: Row) -> int:
        return len(self.run("GET", table, keys))

    def create(self, table: str, row: Row) -> int:
        self.run("POST", table, {}, row, "return=minimal")
        return 1

    def update(self, table: str, keys: Row, patch: Row) -> int:
        return len(self.run("PATCH", table, keys, patch, "return=representation"))

    def delete(self, table: str, keys: Row) -> int:
        return len(self.run("DELETE", table, keys, None, "return=representation"))


@pytest.mark.parametrize("way", ["sql", "http"])
@pytest.mark.parametrize(("table", "role", "letter", "allowed"), CASES)
def test_a_role_may_do_what_the_matrix_says_and_nothing_else(
    way: str,
    table: str,
    role: str,
    letter: str,
    allowed: bool,
    ratebook_stack: Any,
    people: dict[str, UUID],
    db: Connection,
    client: httpx.Client,
) -> None:
    world = make_world(db, people, table, role)
    token = claims(people, world, table, role)
    actor = Sql(db, token) if way == "sql" else Http(client, ratebook_stack, token)
    refusals = (RefusedError, psycopg.errors.DatabaseError)

    if letter == "c":
        before = count(db, table)
        if allowed:
            assert actor.create(table, body_of(table, world, role)) == 1
        else:
            with pytest.raises(refusals) as refused:
                actor.create(table, body_of(table, world, role))
            assert_is_refusal(refused.value)
        assert count(db, table) - before == (1 if allowed else 0)
        return

    keys = make(db, table, world)
    before_state = state(db, table, keys)
    assert before_state is not None
    rows = 0
    is_refused = False
    try:
        if letter == "r":
            rows = actor.read(table, keys)
        elif letter == "u":
            rows = actor.update(table, keys, SUBJECTS[table].patch)
        else:
            rows = actor.delete(table, keys)
    except refusals as error:
        assert_is_refusal(error)
        if allowed:
            raise
        is_refused = True
    after = state(
        db, table, {k: SUBJECTS[table].patch.get(k, v) if allowed else v for k, v in keys.items()}
    )
    if letter == "r":
        assert rows == (1 if allowed else 0)
    elif not allowed:
        assert (rows, after) == (0, before_state)
        # "No row matched" is an answer only to who could have matched some.
        assert is_refused or has_rows_of_its_own(table, role, letter)
    elif letter == "u":
        assert rows == 1
        assert after not in (None, before_state)
    else:
        # Deleting a model marks it: the trigger keeps the row, so the count says none.
        assert after is None
        assert rows == (0 if table == "ai.models" else 1)


NOTHING = [
    pytest.param(table, role, letter, id=f"{table}-{role}-{verb}")
    for (table, role), letters in cells().items()
    for letter, verb in VERBS.items()
    if letter not in {"r", *letters} and not has_rows_of_its_own(table, role, letter)
]


@pytest.mark.parametrize(("table", "role", "letter"), NOTHING)
def test_who_can_change_no_row_is_told_so_whichever_rows_are_meant(
    table: str,
    role: str,
    letter: str,
    ratebook_stack: Any,
    people: dict[str, UUID],
    client: httpx.Client,
) -> None:
    token = {"role": role}
    if role not in API_ROLES or role == "authenticated":
        token = {"role": "authenticated", "sub": str(people[role])}
    http = Http(client, ratebook_stack, token)
    subject = SUBJECTS[table]
    body = json.loads(json.dumps(subject.patch, default=str))
    # A condition that no row meets, and a list of no rows.
    method, keys, sent = {
        "c": ("POST", {}, []),
        "u": ("PATCH", {subject.key[0]: "is.null"}, body),
        "d": ("DELETE", {subject.key[0]: "is.null"}, None),
    }[letter]
    for prefer in ("return=minimal", "return=representation"):
        with pytest.raises(RefusedError):
            http.run(method, table, keys, sent, prefer)


@pytest.mark.parametrize("way", ["sql", "http"])
@pytest.mark.parametrize(("call", "allowed"), calls().items(), ids=map("-".join, calls()))
def test_a_role_may_call_what_the_matrix_says_and_nothing_else(
    way: str,
    call: tuple[str, str],
    allowed: bool,
    ratebook_stack: Any,
    people: dict[str, UUID],
    db: Connection,
    client: httpx.Client,
) -> None:
    function, role = call
    schema, name = function.split(".")
    account = make_world(db, people, "billing.accounts", role).account_id
    made = db.execute(
        "select billing.grant_credits(%(account)s, 5) ->> 'grant_id' as lot, billing.capture_hold("
        "(billing.authorize_credits(%(account)s, 1) ->> 'hold_id')::uuid) ->> 'charge_id' as charge",
        {"account": account},
    ).fetchone()
    assert made is not None
    world = make_world(db, people, "ai.model_pricing", role)
    entry = {"provider": world.provider_key, "provider_model_key": "m", "name": "M"}
    arguments: dict[str, Row] = {
        "import_catalogue": {"source": "matrix", "models": [entry]},
        "schedule_price": {"model": world.model_key, "meter": "input", "price": 1},
        "unpin_price": {"model": world.model_key},
        "follow_source": {"source": "matrix", "models": []},
        "grant_credits": {"account": account, "amount": 5},
        "revoke_grant": {"lot": made["lot"]},
        "refund_charge": {"charge": made["charge"]},
        "get_balance": {"account": account},
        "authorize_credits": {"account": account, "amount": 1},
        "set_member": {"account": account, "member": people["member"]},
    }
    given = json.loads(json.dumps(arguments.get(name, {}), default=str))
    token = claims(people, make_world(db, people, "billing.accounts", role), "", role)
    before = account_of(db, account)
    if way == "sql":
        query = sql.SQL("select {}({})").format(
            sql.Identifier(schema, name),
            sql.SQL(", ").join(
                sql.SQL("{} => {}").format(
                    sql.Identifier(key), sql.Literal(Jsonb(value) if value == [entry] else value)
                )
                for key, value in given.items()
            ),
        )
        if allowed:
            # These answer the rows that they changed, here none.
            assert Sql(db, token).run(query) or name in ("unpin_price", "follow_source")
        else:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                Sql(db, token).run(query)
    else:
        jwt = ratebook_stack.token(token["role"], token.get("sub"))
        response = client.post(
            f"{ratebook_stack.url}/rest/v1/rpc/{name}",
            json=given,
            headers={
                "apikey": ratebook_stack.anon_key,
                "Authorization": f"Bearer {jwt}",
                "Content-Profile": schema,
            },
        )
        if allowed:
            assert response.is_success, response.text
        else:
            assert response.status_code == (401 if role == "anon" else 403)
            assert response.json()["code"] == "42501"
    if not allowed:
        assert account_of(db, account) == before


def account_of(db: Connection, account: UUID) -> Row | None:
    return db.execute(
        "select a.*, (select count(*) from billing.account_members as m where m.account_id = a.id) as members,"
        " (select count(*) from lensers.audit_history) as history from billing.accounts as a where a.id = %s",
        [account],
    ).fetchone()


def count(db: Connection, table: str) -> int:
    row = db.execute(sql.SQL("select count(*) as n from {}").format(_identifier(table))).fetchone()
    assert row is not None
    return int(row["n"])


def assert_is_refusal(error: BaseException) -> None:
    assert isinstance(error, RefusedError) or getattr(error, "sqlstate", None) in REFUSALS, error


@pytest.mark.parametrize("role", API_ROLES)
def test_nobody_truncates(role: str, db: Connection) -> None:
    for table in {table for table, _ in cells()}:
        # A view has nothing to truncate.
        with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.WrongObjectType)):
            Sql(db, {"role": role}).execute(
                sql.SQL("truncate {} cascade").format(_identifier(table))
            )


def test_every_table_and_view_has_a_row_in_the_matrix(db: Connection) -> None:
    found = db.execute(
        """
        select n.nspname || '.' || c.relname as name
        from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
        where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
          and n.nspname not in ('auth', 'extensions', 'supabase_migrations', 'ratebook')
          and c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
        """
    ).fetchall()
    stated = {table for table, _ in cells()}
    assert {row["name"] for row in found} == stated == {t for t in SUBJECTS if not is_absent(t)}
    assert {role for _, role in cells()} == set(ROLES)


def test_no_api_role_reaches_schema_ratebook(db: Connection) -> None:
    reachable = db.execute(
        """
        select r.name, c.relname
        from unnest(%s::text[]) as r (name), pg_class as c join pg_namespace as n on n.oid = c.relnamespace
        where n.nspname = 'ratebook' and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
          and (
            has_schema_privilege(r.name, n.oid, 'usage, create')
            or has_table_privilege(r.name, c.oid, 'select, insert, update, delete, truncate, references, trigger')
            and not (c.relkind = 'v' and c.relname like 'all\\_%%' and r.name <> 'anon')
            -- The fence behind ai.catalogue, which everybody reads.
            and c.relname <> 'current_list_prices'
            or not c.relrowsecurity and c.relkind in ('r', 'p')
          )
        """,
        [list(API_ROLES)],
    ).fetchall()
    assert reachable == []


def test_the_fences_give_what_the_views_before_them_give_and_nothing_else(db: Connection) -> None:
    """An invoker view asks for the caller's privilege on the fence behind it as well."""
    rights = db.execute(
        """
        select v.oid::regclass::text as name
        from pg_class as v
        join pg_class as f on f.relname = v.relname and f.relnamespace = 'ratebook'::regnamespace
        where v.relkind = 'v' and v.relname like 'all\\_%' and v.relnamespace <> f.relnamespace
          and v.relacl = f.relacl
          and v.reloptions = '{security_invoker=true}' and f.reloptions is null
        """
    ).fetchall()
    fences = db.execute(
        "select count(*) as n from pg_class where relname like 'all\\_%' and relnamespace = 'ratebook'::regnamespace"
    ).fetchone()
    assert fences is not None
    assert len(rights) == fences["n"] == (16 if is_absent("execution.runs") else 22)
    assert {row["name"] for row in rights} == {
        table for table in SUBJECTS if table.split(".")[1].startswith("all_")
    }


def test_no_partition_answers_an_api_role(
    ratebook_stack: Any, db: Connection, client: httpx.Client
) -> None:
    partitions = [
        row["relname"]
        for row in db.execute(
            "select relname from pg_class where relispartition and relkind = 'r'"
        ).fetchall()
    ]
    assert len(partitions) >= 24
    for role in API_ROLES:
        for verb in (
            "select * from {}",
            "delete from {}",
            "update {} set prompt = ''",
            "truncate {}",
            "insert into {} default values",
        ):
            query = sql.SQL(verb).format(sql.Identifier("ratebook", partitions[0]))
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                Sql(db, {"role": role}).execute(query)
    # PostgREST serves the listed schemas only.
    response = client.get(
        f"{ratebook_stack.url}/rest/v1/{partitions[0]}",
        headers={"apikey": ratebook_stack.service_key, "Accept-Profile": "ratebook"},
    )
    assert (response.status_code, response.json()["code"]) == (406, "PGRST106")
