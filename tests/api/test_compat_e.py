"""The callers of system E over HTTP: ai_model_config, its functions and its admin's actions in schema compat."""

from __future__ import annotations

import csv
import json
import threading
import time
from io import StringIO
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest

from tests.conftest import Api, Connection

RETURN = {"Prefer": "return=representation"}
# model_name: type, input, output, image, context window, maximum output, sizes, active, default
SEED = {
    "gpt-4o-mini": ("text", "0.1500", "0.6000", None, 128000, 16000, 0, True, True),
    "gpt-4o": ("text", "2.5000", "10.0000", None, 128000, None, 0, True, False),
    "gpt-4.1": ("text", "2.0000", "8.0000", None, 8000, None, 0, True, False),
    "gpt-5.1": ("text", "1.2500", "10.0000", None, 16000, None, 0, True, False),
    "gpt-5.2": ("text", "1.7500", "14.0000", None, 16000, None, 0, True, False),
    "dall-e-3": ("image", None, None, "0.0400", None, None, 3, True, True),
    "dall-e-2": ("image", None, None, "0.0200", None, None, 3, True, False),
    "gpt-image-1": ("image", None, None, "0.0420", None, None, 0, False, False),
    "gpt-image-1-mini": ("image", None, None, "0.0110", None, None, 0, False, False),
}


@pytest.fixture
def user(api: Api, new_user: Any) -> httpx.Client:
    return api("compat", "authenticated", new_user())


@pytest.fixture
def admin(api: Api, new_user: Any) -> httpx.Client:
    return api("compat", "authenticated", new_user("admin"))


@pytest.fixture
def new_config(admin: httpx.Client, db: Connection) -> Any:
    """Makes a model of a provider of its own through the API, and returns its row."""

    def make(**columns: Any) -> dict[str, Any]:
        word = "e" + uuid4().hex[:12]
        row = {
            "model_name": word,
            "display_name": f"Config {word}",
            "model_type": "text",
            "provider": word,
        }
        db.execute("insert into ai.providers (key, name) values (%s, 'P')", [word])
        made = admin.post("/ai_model_config", json=row | columns, headers=RETURN)
        assert made.status_code == 201, made.text
        return dict(made.json()[0])

    return make


@pytest.fixture
def keep_defaults(db: Connection) -> Any:
    """Puts the seed's defaults back after a test that sets others."""
    yield
    db.execute("update ai.models set is_default = true where key in ('gpt-4o-mini', 'dall-e-3')")


def refusal(response: httpx.Response) -> tuple[int, str, str | None]:
    """Status, code, and Ratebook's own token."""
    body = response.json()
    details = body.get("details") or ""
    token = json.loads(details)["error"] if details.startswith("{") else None
    return response.status_code, body["code"], token


def names(response: httpx.Response) -> list[str]:
    response.raise_for_status()
    return [row["model_name"] for row in response.json()]


def seed(**filters: str) -> dict[str, str]:
    """Parameters that ask for seed models only, text first, in their order."""
    order = {"order": "model_type.desc,sort_order"}
    return {"model_name": f"in.({','.join(SEED)})"} | order | filters


def test_the_seed_reads_as_the_source_wrote_it(user: httpx.Client) -> None:
    rows = user.get("/ai_model_config", params=seed()).json()
    assert {
        row["model_name"]: (
            row["model_type"],
            row["input_cost_per_1m"],
            row["output_cost_per_1m"],
            row["cost_per_image"],
            row["context_window"],
            row["max_output_tokens"],
            len(row["valid_sizes"]),
            row["is_active"],
            row["is_default"],
        )
        for row in rows
    } == SEED
    assert [row["model_name"] for row in rows] == list(SEED)
    assert sum(row["is_active"] for row in rows) == 7
    mini, *_ = rows
    assert mini["display_name"] == "GPT-4o mini - Fast & Affordable"
    assert mini["pricing_display"] == "$0.1500/$0.6000 per 1M"
    assert (mini["supports_json_mode"], mini["supports_vision"]) == (True, False)
    assert rows[1]["supports_vision"] is True
    assert (rows[5]["pricing_display"], rows[5]["provider"]) == (
        "$0.0400 per image",
        "openai",
    )


def test_it_filters_by_type_provider_and_default(user: httpx.Client) -> None:
    def ask(**filters: str) -> list[str]:
        return names(user.get("/ai_model_config", params=seed(**filters)))

    assert ask(model_type="eq.image") == [
        "dall-e-3",
        "dall-e-2",
        "gpt-image-1",
        "gpt-image-1-mini",
    ]
    assert ask(model_type="eq.image", is_active="is.true") == ["dall-e-3", "dall-e-2"]
    assert ask(is_default="is.true") == ["gpt-4o-mini", "dall-e-3"]
    assert ask(provider="eq.openai") == list(SEED)
    assert ask(provider="eq.anthropic") == []
    assert names(
        user.get(
            "/ai_model_config",
            params={
                "provider": "eq.anthropic",
                "model_type": "eq.text",
                "order": "model_name",
            },
        )
    ) == ["claude-haiku-4-5", "claude-opus-5-5", "claude-sonnet-5-5"]


@pytest.mark.parametrize(
    ("words", "found"),
    [("MINI", ["gpt-4o-mini", "gpt-image-1-mini"]), ("affordable", ["gpt-4o-mini"]), ("with vision", ["gpt-4o"])],
)  # fmt: skip
def test_it_searches_names_and_description(
    words: str, found: list[str], user: httpx.Client
) -> None:
    columns = ("model_name", "display_name", "description")
    search = seed() | {"or": f"({','.join(f'{column}.ilike.*{words}*' for column in columns)})"}
    assert names(user.get("/ai_model_config", params=search)) == found


def test_costs_are_exact(user: httpx.Client) -> None:
    def cost(function: str, **arguments: Any) -> str:
        response = user.post(f"/rpc/{function}", json=arguments)
        assert response.status_code == 200, response.text
        return response.text

    assert (
        cost(
            "get_cost_for_tokens",
            model="gpt-4o-mini",
            input_tokens=1000,
            output_tokens=500,
        )
        == "0.000450"
    )
    assert (
        cost("get_cost_for_tokens", model="gpt-4o", input_tokens=1, output_tokens=0) == "0.0000025"
    )
    assert cost("get_cost_for_images", model="dall-e-3", num_images=1) == "0.0400"
    assert cost("get_cost_for_images", model="dall-e-3", num_images=2) == "0.0800"
    assert cost("get_display_with_pricing", model="gpt-4o") == '"GPT-4o - $2.5000/$10.0000 per 1M"'
    question = {"model": "gpt-4o-mini", "input_tokens": "1000", "output_tokens": "500"}
    assert user.get("/rpc/get_cost_for_tokens", params=question).text == "0.000450"


def test_the_endpoint_of_the_source_answers_by_get(user: httpx.Client) -> None:
    def ask(**filters: str) -> dict[str, Any]:
        response = user.get("/rpc/ai_models", params=filters)
        assert response.status_code == 200, response.text
        return dict(response.json())

    answer = ask(type="text", provider="openai", default="true", model_name="gpt-4o-mini")
    assert answer.keys() == {"success", "message", "data"}
    assert (answer["success"], answer["message"]) == (
        True,
        "AI models retrieved successfully",
    )
    assert answer["data"] == user.get("/ai_model_config?model_name=eq.gpt-4o-mini").json()
    listed = [row["model_name"] for row in ask(provider="openai")["data"]]
    assert [name for name in listed if name in SEED] == [
        name for name, (*_, is_active, _) in SEED.items() if is_active
    ]
    assert [row["model_name"] for row in ask(type="image", default="true")["data"]] == ["dall-e-3"]
    assert ask(model_name="gpt-image-1")["data"] == [], "it is inactive"


def test_a_model_or_size_that_is_none_names_the_valid_ones(user: httpx.Client) -> None:
    def ask(function: str, **arguments: Any) -> httpx.Response:
        return user.post(f"/rpc/{function}", json=arguments)

    assert ask("validate_model", model="dall-e-3", model_type="image").json() is True
    assert ask("validate_size", model="dall-e-3", size="1792x1024").json() is True
    for name in ("dall-e-9", "gpt-4o", "gpt-image-1"):
        unknown = ask("validate_model", model=name, model_type="image")
        assert refusal(unknown) == (404, "PT404", "unknown_model")
        valid = json.loads(unknown.json()["details"])["valid_models"]
        assert valid[:3] == ["dall-e-3", "sdxl-1.0", "dall-e-2"]
        assert "gpt-image-1" not in valid, "it is inactive"
    for function, arguments in (
        ("get_cost_for_tokens", {"input_tokens": 1, "output_tokens": 1}),
        ("get_cost_for_images", {"num_images": 1}),
        ("validate_size", {"size": "1x1"}),
        ("get_display_with_pricing", {}),
    ):
        unknown = ask(function, model="gpt-99", **arguments)
        assert refusal(unknown) == (404, "PT404", "unknown_model")
        assert unknown.json()["hint"].startswith("Valid models: ")
        assert "gpt-4o-mini" in json.loads(unknown.json()["details"])["valid_models"]
    size = ask("validate_size", model="dall-e-3", size="1x1")
    assert refusal(size) == (422, "PT422", "invalid_size")
    assert size.json()["hint"] == "Valid sizes: 1024x1024, 1792x1024, 1024x1792."
    assert (
        refusal(ask("validate_model", model="gpt-4o", model_type="video"))[2] == "invalid_argument"
    )


def test_anon_has_nothing(api: Api) -> None:
    anon = api("compat")
    denied = (401, "42501", None)
    assert refusal(anon.get("/ai_model_config")) == denied
    for function, arguments in (
        (
            "get_cost_for_tokens",
            {"model": "gpt-4o", "input_tokens": 1, "output_tokens": 1},
        ),
        ("get_cost_for_images", {"model": "dall-e-3", "num_images": 1}),
        ("validate_model", {"model": "gpt-4o", "model_type": "text"}),
        ("validate_size", {"model": "dall-e-3", "size": "1x1"}),
        ("get_display_with_pricing", {"model": "gpt-4o"}),
        ("ai_models", {}),
        ("activate_models", {"model_names": ["gpt-4o"]}),
        ("deactivate_models", {"model_names": ["gpt-4o"]}),
        ("set_default", {"model_name": "gpt-4o"}),
        ("upsert_ai_model_config", {"model": {"model_name": "gpt-4o"}}),
    ):
        assert refusal(anon.post(f"/rpc/{function}", json=arguments)) == denied


def test_users_read_and_are_refused_to_write(user: httpx.Client, new_config: Any) -> None:
    config = new_config(cost_per_image="0.0400")
    one = {"model_name": f"eq.{config['model_name']}"}
    denied = (403, "42501", "not_allowed")
    writes = [
        user.post("/ai_model_config", json=config | {"model_name": "x"}),
        user.patch("/ai_model_config", params=one, json={"is_active": False}),
        user.patch(
            "/ai_model_config",
            params={"model_name": "eq.none"},
            json={"is_active": True},
        ),
        user.delete("/ai_model_config", params=one),
        user.post("/rpc/activate_models", json={"model_names": [config["model_name"]]}),
        user.post("/rpc/deactivate_models", json={"model_names": [config["model_name"]]}),
        user.post("/rpc/set_default", json={"model_name": config["model_name"]}),
        user.post("/rpc/upsert_ai_model_config", json={"model": config}),
    ]
    assert [refusal(write) for write in writes] == [denied] * len(writes)
    # Who changed it is for admins.
    assert config["updated_by"] is not None
    assert user.get("/ai_model_config", params=one).json() == [config | {"updated_by": None}]


def test_admins_write(admin: httpx.Client, user: httpx.Client, new_config: Any) -> None:
    config = new_config(input_cost_per_1m="0.15", output_cost_per_1m=0.6, supports_vision=True)
    one = {"model_name": f"eq.{config['model_name']}"}
    assert config["pricing_display"] == "$0.1500/$0.6000 per 1M"
    assert (config["is_active"], config["is_default"], config["sort_order"]) == (
        True,
        False,
        0,
    )
    (changed,) = admin.patch(
        "/ai_model_config",
        params=one,
        json=config | {"input_cost_per_1m": "0.00001", "sort_order": 7},
        headers=RETURN,
    ).json()
    # Sent back whole: what may not be written was not changed. pricing_display follows the price.
    assert changed == config | {
        "input_cost_per_1m": "0.00001",
        "pricing_display": "$0.00001/$0.6000 per 1M",
        "sort_order": 7,
        "updated_at": changed["updated_at"],
    }
    assert changed["updated_by"] == config["updated_by"] is not None
    name = config["model_name"]
    cost = user.post(
        "/rpc/get_cost_for_tokens",
        json={"model": name, "input_tokens": 1000000, "output_tokens": 0},
    )
    assert cost.text == "0.000010"
    (merged,) = admin.post(
        "/rpc/upsert_ai_model_config",
        json={"model": {"model_name": name, "sort_order": 8}},
    ).json()
    assert merged == changed | {"sort_order": 8, "updated_at": merged["updated_at"]}
    assert admin.delete("/ai_model_config", params=one).status_code == 204
    assert admin.get("/ai_model_config", params=one).json() == []


@pytest.mark.parametrize(
    ("change", "expected", "named"),
    [
        ({"provider": "nobody"}, (422, "PT422", "unknown_provider"), "nobody"),
        ({"model_type": "video"}, (422, "PT422", "invalid_argument"), "video"),
        (
            {"input_cost_per_1m": "cheap"},
            (422, "PT422", "not_a_number"),
            "input_per_1m",
        ),
        ({"cost_per_image": "-1"}, (422, "PT422", "negative_quantity"), "image"),
        (
            {"pricing_display": "free"},
            (422, "PT422", "invalid_argument"),
            "pricing_display",
        ),
        (
            {"updated_by": str(UUID(int=7))},
            (422, "PT422", "invalid_argument"),
            "updated_by",
        ),
        ({"is_active": None}, (422, "PT422", "invalid_argument"), "is_active"),
        ({"model_name": "gpt-4o"}, (409, "23505", None), "models_key_key"),
        (
            {"is_active": False, "is_default": True},
            (409, "PT409", "inactive_model"),
            "cannot be a default",
        ),
        ({"colour": "red"}, (400, "PGRST204", None), "colour"),
    ],
)
def test_what_cannot_be_written_is_refused_by_name(
    change: dict[str, Any],
    expected: tuple[int, str, str | None],
    named: str,
    admin: httpx.Client,
    new_config: Any,
) -> None:
    config = new_config()
    one = {"model_name": f"eq.{config['model_name']}"}
    response = admin.patch("/ai_model_config", params=one, json=change)
    assert refusal(response) == expected, response.text
    assert named in response.text
    assert admin.get("/ai_model_config", params=one).json() == [config]


def test_admin_actions_do_all_or_nothing(
    admin: httpx.Client, new_config: Any, keep_defaults: None
) -> None:
    a, b = (new_config()["model_name"] for _ in range(2))

    def active() -> list[str]:
        params = {
            "model_name": f"in.({a},{b})",
            "is_active": "is.true",
            "order": "model_name",
        }
        return names(admin.get("/ai_model_config", params=params))

    def act(function: str, **arguments: Any) -> httpx.Response:
        return admin.post(f"/rpc/{function}", json=arguments)

    assert act("deactivate_models", model_names=[a, b]).json() == 2
    assert active() == []
    unknown = act("activate_models", model_names=[a, "gpt-99", "gpt-98"])
    assert refusal(unknown) == (404, "PT404", "unknown_model")
    assert json.loads(unknown.json()["details"])["models"] == ["gpt-98", "gpt-99"]
    assert active() == []
    assert act("activate_models", model_names=[a, b]).json() == 2
    assert active() == sorted([a, b])

    assert act("set_default", model_name=a).status_code == 204
    defaults = {"is_default": "is.true", "model_type": "eq.text"}
    assert names(admin.get("/ai_model_config", params=defaults)) == [a]
    assert refusal(act("deactivate_models", model_names=[b, a])) == (409, "PT409", "default_model")
    assert active() == sorted([a, b])
    act("deactivate_models", model_names=[b]).raise_for_status()
    assert refusal(act("set_default", model_name=b)) == (409, "PT409", "inactive_model")
    assert refusal(act("set_default", model_name="gpt-99")) == (
        404,
        "PT404",
        "unknown_model",
    )
    assert names(admin.get("/ai_model_config", params=defaults)) == [a]


def test_of_two_admins_who_set_a_default_at_once_one_stands(
    ratebook_stack: Any,
    new_user: Any,
    new_config: Any,
    db: Connection,
    keep_defaults: None,
) -> None:
    candidates = [new_config()["model_name"] for _ in range(2)]
    errors: list[Exception] = []
    for _ in range(10):
        start = threading.Barrier(2)

        def set_default(name: str, sub: UUID, start: threading.Barrier = start) -> None:
            claims = json.dumps({"role": "authenticated", "sub": str(sub)})
            try:
                with psycopg.connect(ratebook_stack.dsn) as connection:
                    connection.execute(
                        "select set_config('request.jwt.claims', %s, true)", [claims]
                    )
                    connection.execute("set local role authenticated")
                    start.wait()
                    connection.execute("select compat.set_default(%s)", [name])
            except psycopg.Error as error:
                errors.append(error)

        admins = [new_user("admin") for _ in candidates]
        threads = [
            threading.Thread(target=set_default, args=pair)
            for pair in zip(candidates, admins, strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=20)
        assert errors == []
        rows = db.execute(
            "select model_name from compat.ai_model_config where is_default and model_type = 'text'"
        ).fetchall()
        assert len(rows) == 1
        assert rows[0]["model_name"] in candidates


def test_a_write_undoes_nobody_elses(
    ratebook_stack: Any,
    admin: httpx.Client,
    new_config: Any,
    db: Connection,
    keep_defaults: None,
) -> None:
    one = {"model_name": f"eq.{new_config()['model_name']}"}
    answers: list[httpx.Response] = []

    def describe() -> None:
        answers.append(admin.patch("/ai_model_config", params=one, json={"description": "d"}))

    waiting = "select from pg_stat_activity where query like '%%ai_model_config%%' and wait_event_type = 'Lock'"
    with psycopg.connect(ratebook_stack.dsn) as connection:
        connection.execute(
            "update ai.models set is_default = true, supports = '{vision}' where key = %s",
            [one["model_name"].removeprefix("eq.")],
        )
        thread = threading.Thread(target=describe)
        thread.start()
        deadline = time.monotonic() + 10
        while db.execute(waiting).fetchone() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        assert answers == [], "it waits, having seen the row as it was"
    thread.join(timeout=20)
    assert [answer.status_code for answer in answers] == [204]
    (row,) = admin.get("/ai_model_config", params=one).json()
    assert (row["description"], row["is_default"], row["supports_vision"]) == ("d", True, True)


def test_a_default_that_the_core_sets_clears_the_other(
    admin: httpx.Client, api: Api, new_user: Any, new_config: Any, keep_defaults: None
) -> None:
    config = new_config(is_default=True)
    core = api("ai", "authenticated", new_user("admin"))
    core.patch("/models", params={"key": "eq.gpt-4o"}, json={"is_default": True}).raise_for_status()
    one = {"model_name": f"in.(gpt-4o,{config['model_name']})", "is_default": "is.true"}
    assert names(admin.get("/ai_model_config", params=one)) == ["gpt-4o"]


def test_the_price_table_is_exported_as_csv(user: httpx.Client) -> None:
    columns = "model_name,input_cost_per_1m,output_cost_per_1m,cost_per_image,valid_sizes"
    response = user.get(
        "/ai_model_config", params=seed(select=columns), headers={"Accept": "text/csv"}
    )
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    header, *rows = csv.reader(StringIO(response.text))
    assert header == columns.split(",")
    assert len(rows) == 9
    assert rows[0] == ["gpt-4o-mini", "0.1500", "0.6000", "", "{}"]
    assert rows[6] == ["dall-e-2", "", "", "0.0200", "{256x256,512x512,1024x1024}"]


def test_it_shows_nothing_that_ai_hides(
    user: httpx.Client, admin: httpx.Client, new_config: Any, db: Connection
) -> None:
    cost = {"input_cost_per_1m": "1", "output_cost_per_1m": "2"}
    hidden, shown = new_config(**cost)["model_name"], new_config(**cost)["model_name"]
    db.execute("update ai.models set is_public = false where key = %s", [hidden])
    db.execute(
        "insert into ai.model_pricing (model_id, meter, price_per_unit, is_public, effective_from)"
        " select id, v.* from ai.models, (values ('input', 0.000777, false, now()),"
        " ('output', 0.000888, true, now() + interval '1 day')) as v where key = %s",
        [shown],
    )
    listed = user.get(
        "/ai_model_config",
        params={"model_name": f"in.({hidden},{shown})"},
        headers={"Prefer": "count=exact"},
    )
    assert listed.headers["content-range"] == "0-0/1"
    (row,) = listed.json()
    assert (
        row["input_cost_per_1m"],
        row["output_cost_per_1m"],
        row["pricing_display"],
    ) == (
        None,
        "2.0000",
        None,
    )

    def ask(client: httpx.Client, name: str) -> httpx.Response:
        question = {"model": name, "input_tokens": 1, "output_tokens": 1}
        return client.post("/rpc/get_cost_for_tokens", json=question)

    assert ask(user, hidden).text.replace(hidden, "NAME") == ask(user, "gpt-99").text.replace(
        "gpt-99", "NAME"
    )
    assert hidden not in ask(user, "gpt-99").text
    assert refusal(ask(user, shown)) == (403, "42501", "not_allowed")
    assert (ask(admin, hidden).text, ask(admin, shown).text) == ("0.000003", "0.000779")
