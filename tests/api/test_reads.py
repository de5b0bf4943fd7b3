"""Who is asking, and everybody's rows, over HTTP."""

from __future__ import annotations

import json
import time
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from tests.conftest import Api, Connection
from tests.policies.matrix import cells

# What an identity provider of its own writes into a token, instead of Supabase's UUID.
SUBJECT = "user_2abcDEF"
OWNERS = [
    table
    for (table, role), letters in cells().items()
    if role == "owner" and "r" in letters and not cells()[table, "authenticated"]
]


@pytest.fixture
def other_provider(ratebook_stack: Any) -> Any:
    """A client of a schema, signed in by a token whose subject is no UUID."""

    def connect(schema: str) -> httpx.Client:
        return httpx.Client(
            base_url=f"{ratebook_stack.url}/rest/v1",
            headers={
                "apikey": ratebook_stack.anon_key,
                "Authorization": f"Bearer {ratebook_stack.token('authenticated', SUBJECT)}",
                "Accept-Profile": schema,
                "Content-Profile": schema,
            },
        )

    return connect


def test_there_are_tables_of_owners() -> None:
    assert {"ai.generations", "billing.accounts", "lensers.profiles"} <= set(OWNERS)


@pytest.mark.parametrize("table", OWNERS)
def test_a_subject_that_is_no_uuid_finds_the_tables_of_owners_empty(
    table: str, other_provider: Any
) -> None:
    schema, name = table.split(".")
    # What is public is everybody's to read.
    private = {"visibility": "eq.private"} if schema == "execution" else {}
    with other_provider(schema) as client:
        response = client.get(f"/{name}", params=private, headers={"Prefer": "count=exact"})
    assert (response.status_code, response.json()) == (200, [])
    assert response.headers["content-range"] == "*/0"


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("content.media_library", {"title": "mine"}),
        ("media.objects", {"bucket": "b", "path": "p"}),
        ("lensers.profiles", {"id": str(UUID(int=1)), "user_id": str(UUID(int=1))}),
    ],
)
def test_a_subject_that_is_no_uuid_makes_nothing(
    table: str, row: dict[str, Any], other_provider: Any
) -> None:
    schema, name = table.split(".")
    with other_provider(schema) as client:
        response = client.post(f"/{name}", json=row)
    assert (response.status_code, response.json()["code"]) == (403, "42501")


@pytest.mark.parametrize(
    ("schema", "name", "column"),
    [
        ("ai", "generations", "model_id"),
        pytest.param("compat", "jobs", "api_model_id", marks=pytest.mark.compat),
    ],
)
def test_a_subject_that_is_no_uuid_logs_no_generation(
    schema: str, name: str, column: str, other_provider: Any, new_model: Any
) -> None:
    with other_provider(schema) as client:
        response = client.post(f"/{name}", json={column: str(new_model())})
    assert (response.status_code, response.json()["code"]) == (403, "42501")
    assert json.loads(response.json()["details"])["error"] == "not_allowed"


def test_a_subject_that_is_no_uuid_may_ask_what_all_may_ask(other_provider: Any) -> None:
    with other_provider("billing") as client:
        question = {"model": "gpt-4o-mini", "usage": {"input": 1000, "output": 500}}
        quote = client.post("/rpc/quote", json=question)
        cost = client.post("/rpc/calculate_credit_cost", json=question)
        # 1,000 at 0.15 and 500 at 0.60 USD a million.
        assert (quote.status_code, quote.json()["cost"]) == (200, "0.00045")
        assert (cost.status_code, cost.json()) == (200, 0.585)
    with other_provider("ai") as client:
        usage = {"format": "openai_chat", "raw": {"prompt_tokens": 3, "completion_tokens": 4}}
        assert client.post("/rpc/normalize_usage", json=usage).json() == {"input": 3, "output": 4}
        assert client.get("/models?key=eq.gpt-4o-mini&select=key").json() == [
            {"key": "gpt-4o-mini"}
        ]


def test_an_admin_embeds_in_everybodys_rows_what_owners_embed_in_theirs(
    api: Api, new_user: Any, new_model: Any
) -> None:
    ada: UUID = new_user()
    model = new_model(key=f"embedded-{ada}")
    service = api("billing", "service_role")
    assert service.post("/rpc/grant_credits", json={"account": str(ada), "amount": 5}).is_success
    generation = (
        api("ai", "authenticated", ada)
        .post(
            "/generations",
            json={"model_id": str(model)},
            headers={"Prefer": "return=representation"},
        )
        .json()[0]
    )
    hold = service.post("/rpc/authorize_credits", json={"account": str(ada), "amount": 2}).json()
    captured = service.post(
        "/rpc/capture_hold", json={"hold": hold["hold_id"], "generation": generation["id"]}
    )
    assert captured.is_success, captured.text

    for schema, table, embedded, expected in (
        ("ai", "generations", "models(key)", {"models": {"key": f"embedded-{ada}"}}),
        ("ai", "generations", "charges(credits)", {"charges": [{"credits": 2}]}),
        ("billing", "charges", "generation(id)", {"generation": {"id": generation["id"]}}),
        ("billing", "charges", "accounts(posted)", {"accounts": {"posted": 3}}),
        ("billing", "ledger_entries", "accounts(posted)", {"accounts": {"posted": 3}}),
    ):
        asked = {"select": embedded, "lenser_id": f"eq.{ada}"}
        own = api(schema, "authenticated", ada).get(f"/{table}", params=asked)
        everybodys = api(schema, "authenticated", new_user("admin")).get(
            f"/all_{table}", params=asked
        )
        assert own.json() == everybodys.json(), everybodys.text
        assert expected in own.json()


@pytest.mark.compat
def test_an_admin_reads_the_jobs_of_others_and_does_not_delete_them(
    api: Api, new_user: Any, new_model: Any
) -> None:
    ada, model = new_user(), new_model()
    job = (
        api("compat", "authenticated", ada)
        .post(
            "/jobs", json={"api_model_id": str(model)}, headers={"Prefer": "return=representation"}
        )
        .json()[0]
    )
    assert job["user_id"] == str(ada)
    admin = api("compat", "authenticated", new_user("admin"))
    assert admin.get(f"/jobs?select=*,api_models(id)&id=eq.{job['id']}").json() == [
        job | {"api_models": {"id": str(model)}}
    ]
    stats = admin.get("/api_model_stats", params={"api_model_id": f"eq.{model}"}).json()
    assert [row["total"] for row in stats] == [1]
    models = admin.get(f"/api_models?select=jobs(id)&id=eq.{model}").json()
    assert models == [{"jobs": [{"id": job["id"]}]}]
    refused = admin.delete("/jobs", params={"id": f"eq.{job['id']}"})
    assert (refused.status_code, refused.json()["code"]) == (403, "42501")
    stranger = api("compat", "authenticated", new_user())
    nothing = stranger.delete(
        "/jobs", params={"id": f"eq.{job['id']}"}, headers={"Prefer": "return=representation"}
    )
    assert nothing.json() == []
    assert api("compat", "authenticated", ada).delete(f"/jobs?id=eq.{job['id']}").is_success
    assert admin.get("/jobs", params={"id": f"eq.{job['id']}"}).json() == []


def test_the_api_compiles_no_plans(ratebook_stack: Any, api: Api, db: Connection) -> None:
    """The role's setting holds where the server's and the database's own is on."""
    database = psycopg.conninfo.conninfo_to_dict(ratebook_stack.dsn)["dbname"]
    db.execute(
        "create function public.jit_is() returns text language sql as $$ select current_setting('jit') $$"
    )
    db.execute(f"alter database {database} set jit = on")
    try:
        db.execute("notify pgrst, 'reload config'")
        db.execute("notify pgrst, 'reload schema'")
        db.execute("grant execute on function public.jit_is() to anon, authenticated, service_role")
        db.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'authenticator'"
        )
        settings: dict[str, str] = {}
        for role in ("anon", "authenticated", "service_role"):
            deadline = time.monotonic() + 30
            while (
                not (answer := api("public", role).post("/rpc/jit_is")).is_success
                and time.monotonic() < deadline
            ):
                time.sleep(0.1)
            settings[role] = answer.json()
        assert settings == dict.fromkeys(("anon", "authenticated", "service_role"), "off")
    finally:
        db.execute(f"alter database {database} reset jit")
        db.execute("drop function public.jit_is()")
        db.execute("notify pgrst, 'reload schema'")
