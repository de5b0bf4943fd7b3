"""Systems B and C through supabase-js: an error is an error there, and never data."""

from __future__ import annotations

from typing import Any

from tests.conftest import Connection


def test_supabase_js(
    ratebook_stack: Any, supabase_js: Any, new_user: Any, new_model: Any, db: Connection
) -> None:
    tokens = [
        ratebook_stack.token("authenticated", str(new_user(role))) for role in (None, "admin")
    ]
    row = db.execute(
        "select p.key as provider, m.key as model from ai.models as m"
        " inner join ai.providers as p on p.id = m.provider_id where m.id = %s",
        [new_model()],
    ).fetchone()
    assert row is not None
    seen = supabase_js("compat.mjs", *tokens, row["provider"], row["model"])
    pricing = {
        "per_1m_input_tokens": 0.15,
        "per_1m_output_tokens": 0.6,
        "currency": "USD",
        "billing_unit": "per_1m_tokens",
    }
    assert seen["anonReads"] == {"data": None, "code": "42501", "status": 401}
    assert seen["changed"]["data"] == {"pricing": pricing}
    assert seen["userChanges"] == {"data": None, "code": "42501", "status": 403}
    assert seen["userReads"]["data"] == {
        "priority": 0,
        "pricing": pricing,
        "api_providers": {"name": row["provider"]},
    }
    assert seen["upserted"]["data"] == {"priority": 4, "pricing": pricing}
    assert seen["made"]["data"] == {
        "input_cost_per_1m": 0.1,
        "cache_read_cost_per_1m": None,
        "currency": "USD",
    }
    assert seen["duplicate"] == {"data": None, "code": "23505", "status": 409}
    assert seen["userSeesFuture"]["data"] == []
    assert [profile["data"] for profile in seen["profiles"]] == [
        {"max_tokens": 100},
        {"max_tokens": 200},
    ]
    assert seen["userUpserts"] == {"data": None, "code": "42501", "status": 403}
