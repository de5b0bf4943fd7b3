"""supabase-js and supabase-py through the gateway: what anon, lensers and the service role see."""

from __future__ import annotations

from typing import Any

import pytest
from postgrest.exceptions import APIError

from supabase import ClientOptions, create_client


def test_supabase_js(ratebook_stack: Any, supabase_js: Any, new_user: Any) -> None:
    tokens = [ratebook_stack.token("authenticated", str(new_user())) for _ in range(2)]
    seen = supabase_js("supabase_clients.mjs", *tokens, ratebook_stack.service_key)
    assert {"key": "gpt-4o", "name": "GPT-4o", "providers": {"name": "OpenAI"}} in seen["models"][
        "data"
    ]
    for closed in ("margins", "rates", "anonGenerations"):
        assert (seen[closed]["data"], seen[closed]["code"], seen[closed]["status"]) == (
            None,
            "42501",
            401,
        )
    generation = seen["made"]["data"]
    assert seen["adaSees"]["data"] == [generation]
    assert seen["bobSees"]["data"] == []
    assert seen["serviceSees"]["data"] == [generation]
    assert seen["bobDeletes"]["data"] == []
    assert seen["adaDeletes"]["data"] == [generation]
    assert (seen["quote"]["data"]["cost"], seen["quote"]["data"]["credits"]) == ("0.08", "104")
    assert (seen["unknown"]["code"], seen["unknown"]["status"]) == ("PT404", 404)


def test_supabase_py(ratebook_stack: Any, new_user: Any) -> None:
    # Any: supabase-py types every answer as JSON of unknown shape.
    anon: Any = create_client(ratebook_stack.url, ratebook_stack.anon_key)
    models = (
        anon.schema("ai")
        .table("models")
        .select("key,name,providers(name)")
        .eq("is_active", True)
        .execute()
    )
    assert {"key": "gpt-4o", "name": "GPT-4o", "providers": {"name": "OpenAI"}} in models.data
    question = {"model": "gpt-4o-mini", "usage": {"input": 1000, "output": 500}}
    assert anon.schema("billing").rpc("quote", question).execute().data["credits"] == "0.585"
    with pytest.raises(APIError) as refused:
        anon.schema("billing").table("execution_margin_policies").select("*").execute()
    assert refused.value.code == "42501"
    anon.postgrest.aclose()

    token = ratebook_stack.token("authenticated", str(new_user()))
    signed_in: Any = create_client(
        ratebook_stack.url,
        ratebook_stack.anon_key,
        ClientOptions(headers={"Authorization": f"Bearer {token}"}),
    )
    model = signed_in.schema("ai").rpc("find_model", {"model": "gpt-4o"}).execute().data[0]
    made = (
        signed_in.schema("ai").table("generations").insert({"model_id": model["id"]}).execute().data
    )
    assert signed_in.schema("ai").table("generations").select("id").execute().data == [
        {"id": made[0]["id"]}
    ]
    signed_in.postgrest.aclose()
