"""Systems D and E through supabase-js: an error is an error there, and never data."""

from __future__ import annotations

from typing import Any


def test_supabase_js(ratebook_stack: Any, supabase_js: Any, new_user: Any) -> None:
    tokens = [
        ratebook_stack.token("authenticated", str(new_user(role))) for role in (None, "admin")
    ]
    seen = supabase_js("compat_models.mjs", *tokens, ratebook_stack.service_key)
    model = seen.pop("model")["data"]
    assert model["llm_providers"] == {"provider_key": "openai"}
    assert model["pricing"] == {
        "input_per_1m": 2.5,
        "output_per_1m": 10,
        "cache_read_per_1m": 1.25,
        "currency": "USD",
    }
    assert {name: told["data"] for name, told in seen.items() if told["code"] is None} == {
        "upserted": {"model_name": "One", "status": "active"},
        "defaults": [
            {"model_name": "dall-e-3", "pricing_display": "$0.0400 per image"},
            {"model_name": "gpt-4o-mini", "pricing_display": "$0.1500/$0.6000 per 1M"},
        ],
        "cost": 0.00045,
        "made": {"pricing_display": "$0.0400 per image"},
        "switched": 1,
        "csv": "model_name,cost_per_image\njs-2,0.0400",
    }
    assert {
        name: (told["code"], told["status"], told["data"])
        for name, told in seen.items()
        if told["code"] is not None
    } == {
        "anonWrites": ("42501", 401, None),
        "badKey": ("PT422", 422, None),
        "anonConfigs": ("42501", 401, None),
        "badSize": ("PT422", 422, None),
        "userWrites": ("42501", 403, None),
    }
