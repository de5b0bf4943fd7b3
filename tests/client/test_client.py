"""The Python clients against a real PostgREST. Every test runs with the sync and with the async one."""

from __future__ import annotations

import asyncio
import doctest
import inspect
import socket
import subprocess
import sys
import warnings
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from postgrest import AsyncPostgrestClient

import ratebook
from ratebook import (
    ApiError,
    AsyncClient,
    Client,
    Conflict,
    ConnectionFailed,
    InsufficientCredits,
    NotAllowed,
    NotConfigured,
    NotFound,
    UnusableUsage,
)
from ratebook.errors import api_error
from ratebook.types import Generation, Model, Price, usage_to_json
from supabase import acreate_client, create_client
from tests.client.conftest import Connect
from tests.conftest import Api, Connection

TWENTY_DIGITS = "0.12345678901234567891"
CHAT = {"input": 1000, "output": 500}
URL_VARIABLES = (
    "RATEBOOK_URL",
    "RATEBOOK_KEY",
    "SUPABASE_URL",
    "SUPABASE_KEY",
    "SUPABASE_ANON_KEY",
)


@pytest.fixture
def priced(new_model: Any, db: Connection) -> Callable[..., UUID]:
    """Makes a model with one input price."""

    def make(price: str = "0.002", **columns: Any) -> UUID:
        model = new_model(**columns.pop("model", {}))
        given = {"model_id": model, "meter": "input", "price_per_unit": price} | columns
        db.execute(
            f"insert into ai.model_pricing ({', '.join(given)}) values (%s{', %s' * (len(given) - 1)})",
            list(given.values()),
        )
        return UUID(str(model))

    return make


# ------------------------------------------------------------------ the registry


def test_models_come_with_their_provider_and_the_preferred_first(connect: Connect) -> None:
    models = connect().models(provider="openai", modality="text")
    assert [model.key for model in models] == [
        "gpt-4o-mini",
        "gpt-4o",
        "gpt-4.1",
        "gpt-5.1",
        "gpt-5.2",
    ]
    mini = models[0]
    assert (mini.name, mini.provider.name, mini.aliases) == (
        "GPT-4o mini - Fast & Affordable",
        "OpenAI",
        ("openai/gpt-4o-mini",),
    )
    assert (mini.max_tokens, mini.is_default, mini.created_at.utcoffset()) == (
        16000,
        True,
        timedelta(0),
    )


def test_inactive_models_are_listed_when_asked_for(connect: Connect) -> None:
    client = connect()
    inactive = ["gpt-image-1", "gpt-image-1-mini"]
    assert [m.key for m in client.models(provider="openai", active=False)] == inactive
    assert len(client.models(provider="openai")) == 7
    assert len(client.models(provider="openai", active=None)) == 9


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        ("4O mini", ["gpt-4o-mini"]),
        ("gpt-4.1", ["gpt-4.1"]),
        ("Affordable", ["gpt-4o-mini"]),
        ("gpt%mini", []),
        ("mini_", []),
        ('a,b)"(\\', []),
    ],
)
def test_search_finds_words_in_key_name_and_description(
    connect: Connect, words: str, keys: list[str]
) -> None:
    assert [model.key for model in connect().models(provider="openai", search=words)] == keys


def test_a_model_answers_to_its_key_its_id_and_its_alias(connect: Connect) -> None:
    client = connect()
    model = client.model("gpt-4o-mini")
    assert client.model(model.id) == model
    assert client.model("openai/gpt-4o-mini") == model
    assert model.provider.key == "openai"


def test_an_exact_temperature_is_not_a_float(connect: Connect, new_model: Any) -> None:
    assert connect().model(new_model(temperature="0.70")).temperature == Decimal("0.70")


def test_more_models_than_the_server_gives_at_once_are_all_listed(
    connect: Connect, db: Connection
) -> None:
    db.execute(
        "insert into ai.models (key, name, provider_id, modality)"
        " select 'paged-' || n, 'Paged', (select id from ai.providers where key = 'openai'), 'paged'"
        " from generate_series(1, 1001) as n"
    )
    try:
        models = connect().models(modality="paged")
        assert len({model.key for model in models}) == len(models) == 1001
    finally:  # a DELETE of the API only marks them
        with db.transaction():
            db.execute("set local session_replication_role = 'replica'")
            db.execute("delete from ai.models where modality = 'paged'")


def test_a_deleted_model_is_not_listed_to_the_service_role(
    connect: Connect, new_model: Any, db: Connection
) -> None:
    model = new_model(modality="deleted-test")
    client = connect(service=True)
    assert len(client.models(modality="deleted-test", active=None)) == 1
    db.execute("delete from ai.models where id = %s", [model])
    assert client.models(modality="deleted-test", active=None) == []
    assert client.model(model).deleted_at is not None


def test_the_version_is_that_of_the_schema(connect: Connect, db: Connection) -> None:
    row = db.execute("select ai.ratebook_version() as version").fetchone()
    assert row is not None
    assert connect().version() == row["version"]


# ------------------------------------------------------------------ prices and quotes


def test_a_price_of_twenty_digits_keeps_them_all(
    connect: Connect, new_model: Any, api: Api
) -> None:
    model = new_model()
    row = {"model_id": str(model), "meter": "input", "price_per_unit": TWENTY_DIGITS}
    assert api("ai", "service_role").post("/model_pricing", json=row).status_code == 201
    client = connect()
    assert str(client.prices(model)[0].price_per_unit) == TWENTY_DIGITS
    quote = client.quote(model, {"input": 3})
    assert str(quote.lines[0].unit_price) == TWENTY_DIGITS
    assert str(quote.cost) == "0.37037036703703703673"


def test_a_price_that_a_person_set_is_pinned_until_it_is_given_back(
    connect: Connect, db: Connection, new_model: Any
) -> None:
    client, model, source = connect(service=True), new_model(), "s" + uuid4().hex[:12]
    db.execute(
        "insert into ai.model_pricing (model_id, meter, price_per_unit, source, is_pinned)"
        " values (%s, 'input', 1, %s, false)",
        [model, source],
    )
    client.schedule_price(model, "input", Decimal(2))
    with pytest.raises(Conflict) as raised:
        client.follow_source(source, model)
    assert raised.value.error == "pins_undecided"
    (followed,) = client.follow_source(source, model, move_pins=True)
    assert (followed.id, followed.price_source) == (model, source)
    (price,) = client.prices(model)
    assert (price.price_per_unit, price.source, price.is_pinned) == (Decimal(2), source, True)
    assert client.unpin_price(model, "output") == []
    assert len(client.unpin_price(model)) == 1
    assert [price.is_pinned for price in client.prices(model)] == [False]
    assert client.follow_source(source, model) == []
    with pytest.raises(UnusableUsage):
        client.unpin_price(model, "smiles")


def test_prices_are_those_of_the_time_asked_for(
    connect: Connect, priced: Any, db: Connection
) -> None:
    model = priced("0.002", effective_from="2025-01-01T00:00Z")
    db.execute(
        "insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from)"
        " values (%s, 'input', 0.003, '2026-01-01T00:00Z')",
        [model],
    )
    client = connect()
    assert [price.price_per_unit for price in client.prices(model)] == [Decimal("0.003")]
    then = client.prices(model, at=datetime(2025, 6, 1, tzinfo=UTC))
    assert [(price.price_per_unit, price.effective_from) for price in then] == [
        (Decimal("0.002"), datetime(2025, 1, 1, tzinfo=UTC))
    ]
    assert client.prices(model, at=datetime(2024, 12, 31, tzinfo=UTC)) == []
    assert client.quote(model, {"input": 1}, at=datetime(2025, 6, 1, tzinfo=UTC)).cost == Decimal(
        "0.002"
    )


def test_the_worked_examples(connect: Connect) -> None:
    client = connect()
    chat = client.quote("openai/gpt-4o-mini", CHAT)
    assert (chat.model, chat.cost, chat.currency, chat.credits) == (
        "gpt-4o-mini",
        Decimal("0.000450"),
        "USD",
        Decimal("0.585"),
    )
    assert [(line.meter, line.quantity, line.cost) for line in chat.lines] == [
        ("input", Decimal(1000), Decimal("0.00015")),
        ("output", Decimal(500), Decimal("0.0003")),
    ]
    assert client.credit_cost("dall-e-3", {"image": 2}, variant="1024x1024") == 104
    assert client.credit_cost(client.model("dall-e-3"), {"image": 2}, feature="illustrate") == 104


@pytest.mark.parametrize(
    ("quantity", "sent"),
    [
        (Decimal("1.5"), "1.5"),
        (Decimal("1E+3"), "1000"),
        (Decimal("0.000000000001"), "0.000000000001"),
        (Decimal("999999999999"), "999999999999"),
        (Decimal("123456789.123456"), "123456789.123456"),
        (12.25, "12.25"),
    ],
)
def test_a_quantity_arrives_as_it_was_given(connect: Connect, quantity: Any, sent: str) -> None:
    assert connect().quote("gpt-4o-mini", {"input": quantity}).lines[0].quantity == Decimal(sent)


def test_a_decimal_that_json_cannot_carry_is_refused_not_rounded() -> None:
    with pytest.raises(UnusableUsage, match="more digits than can be sent"):
        usage_to_json({"input": Decimal("1.00000000000000000001")})
    assert usage_to_json({"input": Decimal("0.1")}) == {"input": 0.1}


def test_the_cost_behind_a_hidden_price_is_for_the_service_role(
    connect: Connect, priced: Any
) -> None:
    model = priced("0.002", is_public=False)
    anon = connect().quote(model, {"input": 10})
    assert (anon.cost, anon.lines[0].unit_price, anon.lines[0].cost) == (None, None, None)
    assert anon.credits == 26  # 0.02 × 1000 × 1.3
    assert connect().prices(model) == []
    service = connect(service=True).quote(model, {"input": 10})
    assert (service.cost, service.credits) == (Decimal("0.02"), Decimal(26))
    assert connect(service=True).prices(model)[0].id == service.lines[0].price_id
    assert service.credit_rate_id is not None
    assert service.margin_policy_id is not None
    assert anon.credit_rate_id is anon.margin_policy_id is anon.lines[0].price_id is None


# ------------------------------------------------------------------ errors


def test_an_unknown_model_is_not_found(connect: Connect) -> None:
    client = connect()
    for ask in (client.model, client.prices, lambda name: client.quote(name, CHAT)):
        with pytest.raises(NotFound) as refused:
            ask("no-such-model")
        error = refused.value
        assert (error.code, error.error, error.detail["model"]) == (
            "PT404",
            "unknown_model",
            "no-such-model",
        )
        assert error.message == 'There is no model called "no-such-model".'
        assert error.hint.startswith("Ask ai.models")


def test_an_unknown_feature_is_not_found(connect: Connect) -> None:
    with pytest.raises(NotFound) as refused:
        connect().quote("gpt-4o-mini", CHAT, feature="no-such-feature")
    assert refused.value.error == "unknown_feature"


def test_a_name_of_two_models_is_a_conflict_that_lists_them(
    connect: Connect, new_model: Any, db: Connection
) -> None:
    word = uuid4().hex
    for key in (f"b-{word}", f"a-{word}"):
        model = new_model(key=key)
        db.execute("insert into ai.model_aliases (alias, model_id) values (%s, %s)", [word, model])
    with pytest.raises(Conflict) as refused:
        connect().model(word)
    assert refused.value.error == "ambiguous_model"
    assert refused.value.detail["candidates"] == [f"a-{word}", f"b-{word}"]
    assert refused.value.details == f"Candidates: a-{word}, b-{word}"


@pytest.mark.parametrize(
    ("usage", "error"),
    [
        ({}, "invalid_usage"),
        ({"no_such_meter": 1}, "unknown_meter"),
        ({"input": -1}, "negative_quantity"),
        ({"input": Decimal("NaN")}, "not_a_number"),
        ({"input": Decimal("sNaN")}, "not_a_number"),
        ({"input": Decimal("-Infinity")}, "not_a_number"),
        ({"input": float("nan")}, "not_a_number"),
        ({"input": float("inf")}, "not_a_number"),
        ({"input": "1000"}, "not_a_number"),
        ({"input": True}, "not_a_number"),
        ({"input": Decimal("1e30")}, "quantity_out_of_range"),
        ({"input": Decimal("1e999999999")}, "quantity_out_of_range"),
        ({"input": 10**5000}, "quantity_out_of_range"),
        ({"input": 1_000_000_000_001}, "quantity_out_of_range"),
        ({"input": Decimal("1e-13")}, "quantity_out_of_range"),
        ({"image": 1}, "no_price"),
    ],
)
def test_a_usage_that_cannot_be_priced_is_refused_by_name(
    connect: Connect, usage: Any, error: str
) -> None:
    with pytest.raises(UnusableUsage) as refused:
        connect().quote("gpt-4o-mini", usage)
    assert (refused.value.code, refused.value.error) == ("PT422", error)


def test_what_the_model_cannot_be_asked_for_is_refused(connect: Connect) -> None:
    with pytest.raises(UnusableUsage) as size:
        connect().quote("dall-e-3", {"image": 1}, variant="1x1")
    assert size.value.detail["valid_sizes"] == ["1024x1024", "1792x1024", "1024x1792"]
    with pytest.raises(UnusableUsage) as tier:
        connect().quote("gpt-4o-mini", CHAT, service_tier="no-such-tier")
    assert tier.value.error == "unknown_service_tier"


def test_the_future_is_for_the_service_role(connect: Connect) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    with pytest.raises(NotAllowed) as refused:
        connect().quote("gpt-4o-mini", CHAT, at=tomorrow)
    assert (refused.value.code, refused.value.error) == ("42501", "not_allowed")
    assert connect(service=True).quote("gpt-4o-mini", CHAT, at=tomorrow).credits == Decimal("0.585")


def test_a_time_without_a_zone_is_a_mistake_of_the_program(connect: Connect) -> None:
    with pytest.raises(ValueError, match="time zone"):
        connect().prices("gpt-4o-mini", at=datetime(2026, 1, 1))


def test_a_key_that_the_server_did_not_sign_is_not_allowed(ratebook_stack: Any) -> None:
    header, payload, _ = ratebook_stack.service_key.split(".")
    with (
        Client(ratebook_stack.url, f"{header}.{payload}.{'A' * 43}") as client,
        pytest.raises(NotAllowed) as refused,
    ):
        client.models()
    assert refused.value.code == "PGRST301"


def test_no_server_and_another_server_are_said_plainly(
    connect: Connect, ratebook_stack: Any
) -> None:
    with pytest.raises(ConnectionFailed, match="The API does not answer"):
        connect(url="http://127.0.0.1:1").models()
    with pytest.raises(ConnectionFailed, match="The API does not answer"):
        connect(url="http://no-such-host.invalid").quote("gpt-4o-mini", CHAT)
    with pytest.raises(ApiError) as refused:
        connect(url=f"{ratebook_stack.url}/elsewhere").models()
    assert (refused.value.code, refused.value.error) == ("404", "")
    with pytest.raises(ValueError, match="HTTP URL"):
        Client("nowhere", "key")
    with pytest.raises(ValueError, match="key"):
        Client(ratebook_stack.url, "")


def test_an_answer_that_is_not_ratebooks_is_said_plainly(
    connect: Connect, tmp_path: Path, unused_tcp_port: int
) -> None:
    (tmp_path / "rest" / "v1").mkdir(parents=True)
    (tmp_path / "rest" / "v1" / "models").write_text("<html>hello</html>")
    server = subprocess.Popen(
        [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(unused_tcp_port)],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONUNBUFFERED": "1"},
    )
    try:
        assert server.stdout is not None
        server.stdout.readline()  # it serves now
        with pytest.raises(ApiError, match=r"not one of Ratebook's API"):
            connect(url=f"http://127.0.0.1:{unused_tcp_port}").models()
    finally:
        server.terminate()
        server.communicate()


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("PT402", InsufficientCredits),
        ("PT404", NotFound),
        ("PT409", Conflict),
        ("23505", Conflict),
        ("23503", Conflict),
        ("PT422", UnusableUsage),
        ("42501", NotAllowed),
        ("PGRST301", NotAllowed),
        ("401", NotAllowed),
        ("22P02", ApiError),
        ("", ApiError),
    ],
)
def test_each_code_has_one_class(code: str, kind: type[ApiError]) -> None:
    assert type(api_error("No.", code=code)) is kind


def test_an_error_reads_as_a_sentence_a_code_and_a_way_out() -> None:
    error = api_error(
        "No such thing.", code="PT404", hint="Look there.", details='{"error": "x", "n": 1}'
    )
    assert str(error) == "No such thing. (PT404) Look there."
    assert (error.error, error.detail, error.details) == ("x", {"error": "x", "n": 1}, "")
    foreign = api_error("Taken.", code="23505", details="Key (key)=(a) already exists.")
    assert (foreign.error, foreign.detail) == ("", {})
    assert foreign.details == "Key (key)=(a) already exists."


# ------------------------------------------------------------------ generations


def test_a_lenser_records_lists_and_deletes_a_generation(connect: Connect, new_user: Any) -> None:
    ada = new_user()
    client = connect(ada)
    made = client.record_generation(
        "openai/gpt-4o-mini", prompt="hi", output="ho", token_count=7, feature="chat"
    )
    assert (made.lenser_id, made.model_id, made.prompt, made.output, made.token_count) == (
        ada,
        client.model("gpt-4o-mini").id,
        "hi",
        "ho",
        7,
    )
    assert (made.feature_key, made.status, made.usage) == ("chat", "pending", None)
    assert made.created_at.utcoffset() == timedelta(0)
    assert client.generations() == [made]
    client.delete_generation(made.id)
    assert client.generations() == []
    with pytest.raises(NotFound) as refused:
        client.delete_generation(made.id)
    assert (refused.value.code, refused.value.error) == ("PT404", "unknown_generation")


def test_the_newest_generations_come_first_and_page_by_page(
    connect: Connect, new_user: Any
) -> None:
    client = connect(new_user())
    first, second, third = (client.record_generation("gpt-4o", prompt=str(n)) for n in (1, 2, 3))
    assert client.generations(limit=2) == [third, second]
    assert client.generations(limit=2, before=second.id) == [first]


def test_anothers_generation_is_not_seen_and_not_deleted(connect: Connect, new_user: Any) -> None:
    ada, bob = connect(new_user()), connect(new_user())
    made = ada.record_generation("gpt-4o")
    assert bob.generations() == bob.generations(as_admin=True) == []
    admin = connect(new_user("admin"))
    assert admin.generations() == []
    assert made in admin.generations(as_admin=True)
    with pytest.raises(NotFound):
        bob.delete_generation(made.id)
    assert ada.generations() == [made]
    assert made in connect(service=True).generations()


def test_anons_record_nothing_and_an_unknown_model_is_not_recorded(
    connect: Connect, new_user: Any
) -> None:
    with pytest.raises(NotAllowed):
        connect().record_generation("gpt-4o")
    with pytest.raises(NotFound):
        connect(new_user()).record_generation("no-such-model")


def test_media_of_another_lenser_is_not_allowed(
    connect: Connect, new_user: Any, db: Connection
) -> None:
    ada, bob = new_user(), new_user()
    connect(bob).record_generation("dall-e-3")  # makes the profile
    row = db.execute(
        "insert into content.media_library (lenser_id, title) values (%s, 't') returning id", [bob]
    ).fetchone()
    assert row is not None
    with pytest.raises(NotAllowed) as refused:
        connect(ada).record_generation("dall-e-3", media_id=row["id"])
    assert refused.value.error == "media_not_owned"
    assert connect(bob).record_generation("dall-e-3", media_id=row["id"]).media_id == row["id"]


def test_only_the_service_role_finishes_a_generation(connect: Connect, new_user: Any) -> None:
    ada = new_user()
    owner, service = connect(ada), connect(service=True)
    made = service.record_generation("gpt-4o", lenser_id=ada, prompt="hi")
    with pytest.raises(NotAllowed):
        owner.finish_generation(made.id)
    exact: dict[str, int | Decimal] = {"audio_second": Decimal("1.123456789012"), "input": 1000}
    service.finish_generation(made.id, usage=exact, output="ho", latency_ms=40, quality_rating=5)
    done = owner.generations()[0]
    assert (done.status, done.usage, done.prompt, done.output) == ("completed", exact, "hi", "ho")
    assert (done.latency_ms, done.quality_rating) == (40, 5)
    with pytest.raises(NotFound) as refused:
        service.finish_generation(uuid4())
    assert refused.value.error == "unknown_generation"


# ------------------------------------------------------------------ the clients themselves


def test_both_clients_have_the_same_methods_with_the_same_arguments() -> None:
    def public(kind: type) -> dict[str, Any]:
        return {
            name: member
            for name, member in inspect.getmembers(kind, callable)
            if not name.startswith("_")
        }

    sync, async_ = public(Client), public(AsyncClient)
    assert sync.keys() == async_.keys()
    assert len(sync) == 55
    for name, method in sync.items():
        wanted = inspect.signature(async_[name])
        if name not in ("from_supabase", "account"):  # of their own kind
            assert inspect.signature(method) == wanted, name
        assert inspect.getdoc(method) == inspect.getdoc(async_[name]), name
        is_async = inspect.iscoroutinefunction(async_[name])
        assert is_async is not name.startswith(("from_", "account")), name


def test_the_sync_client_is_what_the_async_one_gives() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.unasync", "--check"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_stale_sync_client_is_noticed(tmp_path: Path) -> None:
    source = Path(ratebook.__file__).parent
    package = tmp_path / "python_client" / "src" / "ratebook"
    for folder in ("_async", "_sync"):
        (package / folder).mkdir(parents=True)
        (package / folder / "client.py").write_text((source / folder / "client.py").read_text())
    (tmp_path / "python_client" / "pyproject.toml").write_text("[tool.ruff]\nline-length = 100\n")
    with (package / "_async" / "client.py").open("a") as file:
        file.write("\n\nasync def forgotten() -> None:\n    pass\n")
    done = subprocess.run(
        [sys.executable, "-m", "tools.unasync", "--check", "--root", str(tmp_path)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout.startswith("_sync/client.py is not what _async/ gives")


@pytest.mark.parametrize(
    ("kind", "table", "left_out", "embedded"),
    [
        (
            Model,
            "models",
            {"provider_id", "provider", "search"},
            {"provider", "aliases"},
        ),
        (Price, "model_pricing", {"withdrawn"}, set()),
        (Generation, "generations", set(), set()),
    ],
)
def test_the_types_have_the_columns_of_the_database(
    db: Connection, kind: type[Any], table: str, left_out: set[str], embedded: set[str]
) -> None:
    rows = db.execute(
        "select column_name from information_schema.columns"
        " where table_schema = 'ai' and table_name = %s",
        [table],
    ).fetchall()
    columns = {row["column_name"] for row in rows}
    assert columns - left_out == {column.name for column in fields(kind)} - embedded


def test_a_supabase_client_lends_its_session(ratebook_stack: Any, new_user: Any) -> None:
    ada = new_user()
    supabase = create_client(ratebook_stack.url, ratebook_stack.anon_key)
    supabase.postgrest.auth(ratebook_stack.token("authenticated", str(ada)))
    with Client.from_supabase(supabase) as client:
        assert client.record_generation("gpt-4o").lenser_id == ada
    supabase.schema("ai").from_("models").select("key").limit(1).execute()  # still open
    supabase.postgrest.aclose()


def test_an_async_supabase_client_lends_its_session_too(ratebook_stack: Any, new_user: Any) -> None:
    ada = new_user()

    async def ask() -> UUID | None:
        supabase = await acreate_client(ratebook_stack.url, ratebook_stack.anon_key)
        supabase.postgrest.auth(ratebook_stack.token("authenticated", str(ada)))
        async with AsyncClient.from_supabase(supabase) as client:
            recorded = await client.record_generation("gpt-4o")
        await supabase.schema("ai").from_("models").select("key").limit(1).execute()  # still open
        await supabase.postgrest.aclose()
        return recorded.lenser_id

    assert asyncio.run(ask()) == ada


def test_a_client_warns_of_nothing(ratebook_stack: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with Client(ratebook_stack.url, ratebook_stack.anon_key) as client:
            assert client.credit_cost("gpt-4o-mini", CHAT) == Decimal("0.585")


def test_a_postgrest_client_reaches_a_server_at_another_path(ratebook_stack: Any) -> None:
    async def ask() -> Decimal:
        async with AsyncPostgrestClient(f"{ratebook_stack.url}/rest/v1") as postgrest:
            return await AsyncClient.from_supabase(postgrest).credit_cost("gpt-4o-mini", CHAT)

    assert asyncio.run(ask()) == Decimal("0.585")


def test_the_environment_says_where_to_ask(
    ratebook_stack: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in URL_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(NotConfigured, match="RATEBOOK_URL"):
        Client.from_env()
    monkeypatch.setenv("SUPABASE_URL", ratebook_stack.url)
    monkeypatch.setenv("SUPABASE_ANON_KEY", ratebook_stack.anon_key)
    with Client.from_env() as client:
        assert client.credit_cost("gpt-4o-mini", CHAT) == Decimal("0.585")
    monkeypatch.setenv("RATEBOOK_URL", "http://127.0.0.1:1")
    with pytest.raises(
        NotConfigured, match="RATEBOOK_KEY"
    ):  # one project's key is not sent to another
        Client.from_env()


def test_a_closed_client_says_so_and_a_context_manager_closes(
    connect: Connect, ratebook_stack: Any
) -> None:
    with Client(ratebook_stack.url, ratebook_stack.anon_key) as client:
        client.version()
    with pytest.raises(RuntimeError, match="closed"):
        client.version()

    async def ask() -> str:
        async with AsyncClient(ratebook_stack.url, ratebook_stack.anon_key) as asynchronous:
            return await asynchronous.version()

    assert asyncio.run(ask()) == connect().version()


def test_an_http_client_of_ones_own_sets_the_timeout_and_is_closed_too(ratebook_stack: Any) -> None:
    own = httpx.Client(timeout=5)
    with Client(ratebook_stack.url, ratebook_stack.anon_key, http_client=own) as client:
        assert client.credit_cost("gpt-4o-mini", CHAT) == Decimal("0.585")
    assert own.is_closed
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        impatient = httpx.Client(timeout=0.1)
        with (
            Client(url, "key", http_client=impatient) as client,
            pytest.raises(ConnectionFailed, match="timed out"),
        ):
            client.models()


def test_importing_ratebook_imports_no_client_library() -> None:
    code = "import sys, ratebook; print({'httpx', 'pydantic', 'postgrest', 'supabase'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
    assert all(getattr(ratebook, name) for name in ratebook.__all__)


def test_the_readme_says_what_happens(ratebook_stack: Any, new_user: Any) -> None:
    readme = Path(__file__).parents[2] / "python_client" / "README.md"
    user = new_user()
    names = {
        "user_id": user,
        "url": ratebook_stack.url,
        "key": ratebook_stack.anon_key,
        "service_key": ratebook_stack.service_key,
        "access_token": ratebook_stack.token("authenticated", str(user)),
        "Decimal": Decimal,
    }
    examples = doctest.DocTestParser().get_doctest(readme.read_text(), names, "README", None, 0)
    assert len(examples.examples) >= 10
    failed, _ = doctest.DocTestRunner().run(examples, clear_globs=False)
    for name in ("client", "mine", "service"):
        examples.globs[name].close()
    assert failed == 0
