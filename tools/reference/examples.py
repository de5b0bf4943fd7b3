"""Requests to copy: a select and an insert for a table, a call for a function."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

import psycopg
from psycopg.types.json import Jsonb

from tools import servers
from tools.reference.access import ROLES, access
from tools.reference.catalog import Json, embeds, is_deprecated, keys, qualified

# What the examples send for a name, and for a type. For a foreign key without a sample they send <table.column>.
_BY_NAME: Mapping[str, object] = {
    "alias": "acme/large",
    "at": "2026-01-01T00:00:00Z",
    "case_key": "capital of Australia",
    "contender": "gpt-4o-mini",
    "currency": "USD",
    "description": "The largest of Acme.",
    "evaluation": "<execution.evaluations.id>",
    "feature": "chat",
    "format": "openai_chat",
    "generations": [
        {
            "lenser_id": "<lensers.profiles.id>",
            "model_id": "<ai.models.id>",
            "created_at": "2026-01-01T00:00:00Z",
        }
    ],
    "generation": "<ai.generations.id>",
    "input": 1000,
    "key": "acme_large",
    "lenser": "<lensers.profiles.id>",
    "meter": "image",
    "model": "gpt-4o-mini",
    "model_name": "gpt-4o-mini",
    "models": [
        {
            "provider": "acme",
            "provider_model_key": "large",
            "name": "Acme Large",
            "prices": [{"meter": "input", "price": "0.00000015"}],
        }
    ],
    "name": "Acme Large",
    "output": 500,
    "raw": {"prompt_tokens": 1000, "completion_tokens": 500},
    "run": "<execution.runs.id>",
    "since": "2026-01-01T00:00:00Z",
    "size": "1024x1024",
    "source": "acme",
    "submission": "<execution.submissions.id>",
    "type": "text",
    "until": "2026-02-01T00:00:00Z",
    "usage": {"input": 1000, "output": 500},
    "user": "<auth.users.id>",
}
# What a function's example sends where its name alone does not tell.
_BY_CALL: Mapping[str, object] = {
    "ai.deactivate_models.models": ["gpt-4o"],
    "ai.normalize_usage.format": _BY_NAME["format"],
    "ai.normalize_usage.raw": _BY_NAME["raw"],
    "billing.charge_generations.requests": [
        {"account": "<lensers.profiles.id>", "model": "gpt-4o-mini", "usage": {"input": 1000}}
    ],
    "billing.quote_many.requests": [{"model": "gpt-4o-mini", "usage": {"input": 1000}}],
    "compat.deactivate_models.model_names": ["gpt-4o"],
    "compat.get_cost_for_images.model": "dall-e-3",
    "compat.upsert_ai_model_config.model": {
        "model_name": "acme-large",
        "display_name": "Acme Large",
        "model_type": "text",
        "provider": "openai",
        "input_cost_per_1m": "0.1500",
    },
    "compat.has_role.role": "admin",
    "compat.upsert_provider.provider": {"name": "acme", "base_url": "https://api.example.com"},
    "execution.create_evaluation.name": "Short answers",
    "execution.create_evaluation.contenders": [
        {"model": "gpt-4o-mini"},
        {"model": "gpt-4o", "name": "big"},
    ],
    "execution.create_evaluation.judges": [{"model": "gpt-5.1"}],
    "execution.change_evaluation.state": "open",
    "execution.start_run.key": "monday",
    "execution.submit.account": "<lensers.profiles.id>",
    "execution.submit.usage": _BY_NAME["usage"],
    "execution.score.value": 7,
    "compat.upsert_llm_model.model": {
        "provider_id": "<ai.providers.id>",
        "model_key": "acme-large",
        "model_name": "Acme Large",
    },
}
_BY_CATEGORY: Mapping[str, object] = {
    "B": True,
    "N": 1,
    "D": "2026-01-01T00:00:00Z",
    "T": "1 month",
}
_BY_TYPE: Mapping[str, object] = {"uuid": "00000000-0000-4000-8000-000000000000", "jsonb": {}}
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*\+00:00"
# Columns that have a default or may be null, but that a row of use has.
_WANTED: Mapping[str, Mapping[str, object]] = {
    "ai.generations": {"prompt": "Hello"},
    "billing.budgets": {"hard_limit": 100},
    "ai.model_pricing": {"price_per_unit": 0.04},
    "billing.execution_margin_policies": {"margin": 0.3},
    "content.media_library": {"title": "A lighthouse"},
    "lensers.profiles": {"id": "<auth.users.id>", "user_id": "<auth.users.id>"},
}


@dataclass(frozen=True)
class Request:
    """One request, as curl and as supabase-js."""

    role: str
    schema: str
    path: str
    call: str
    body: object = None

    @property
    def javascript(self) -> str:
        """The statement, for a client that is signed in as `role`."""
        return f"const {{ data, error }} = await supabase.schema('{self.schema}').{self.call}"

    @property
    def curl(self) -> str:
        """The command; its variables are those that `ratebook local env` sets, and the user's ACCESS_TOKEN."""
        key = "SUPABASE_SERVICE_ROLE_KEY" if self.role == "service_role" else "SUPABASE_ANON_KEY"
        profile = "Accept" if self.body is None else "Content"
        lines = [f'curl "$SUPABASE_URL/rest/v1/{self.path}"', f'  -H "apikey: ${key}"']
        if self.role == "service_role":
            lines[-1] += f' -H "Authorization: Bearer ${key}"'
        elif self.role != "anon":
            lines[-1] += ' -H "Authorization: Bearer $ACCESS_TOKEN"'
        lines.append(f"  -H '{profile}-Profile: {self.schema}'")
        if self.body is not None:
            text = json.dumps(self.body, ensure_ascii=False).replace("'", "'\\''")
            lines[-1] += " -H 'Content-Type: application/json'"
            lines.append(f"  -d '{text}'")
        return " \\\n".join(lines)


def select(relation: Json, catalog: Json) -> Request | None:
    """A few columns, numbers as text, with the row that a foreign key embeds; None where nobody reads."""
    role = _first_role(relation, "select")
    if role is None:
        return None
    granted = _granted(relation, role, "select")
    telling = [column for column in granted if column["type"] != "uuid"] or granted
    parts = [
        column["name"] + ("::text" if column["type"] == "numeric" else "") for column in telling[:5]
    ]
    relations = {qualified(other): other for other in catalog["relations"]}
    for embed in embeds(relation, catalog):
        if embed["to_one"]:
            parts.append(f"{embed['as']}({_label(relations[embed['table']])})")
            break
    columns = ",".join(parts)
    path = f"{relation['name']}?select={columns}&limit=10"
    return Request(
        role, relation["schema"], path, f"from('{relation['name']}').select('{columns}').limit(10)"
    )


def insert(relation: Json) -> Request | None:
    """A new row: what must be there and the database does not fill in; None where nobody creates one."""
    role = _first_role(relation, "insert")
    if role is None:
        return None
    references, wanted = _references(relation), _WANTED.get(qualified(relation), {})
    row = {
        column["name"]: wanted.get(column["name"], _sample(column, references))
        for column in _granted(relation, role, "insert")
        if column["name"] in wanted
        or (column["not_null"] and column["default"] is None and not column["generated"])
    }
    if not row:
        return None
    call = f"from('{relation['name']}').insert({_javascript(row)})"
    return Request(role, relation["schema"], relation["name"], call, row)


def call(function: Json) -> Request | None:
    """A call with the arguments that it cannot do without; None where the API lets nobody call it."""
    if not function["roles"]:
        return None
    values = {
        a["name"]: _BY_CALL.get(f"{qualified(function)}.{a['name']}", _sample(a, {}))
        for a in function["arguments"]
        if not a["optional"] or f"{qualified(function)}.{a['name']}" in _BY_CALL
    }
    allowed = [role for role in ROLES if ROLES[role] in function["roles"] and role != "admin"]
    # Who names somebody's row is somebody.
    role = "signed in" if "signed in" in allowed and "<" in json.dumps(values) else allowed[0]
    given = f", {_javascript(values)}" if values else ""
    path = f"rpc/{function['name']}"
    return Request(role, function["schema"], path, f"rpc('{function['name']}'{given})", values)


def answer(server: servers.Server, db: str, function: Json) -> str | None:
    """What anybody gets for the example of a function that only reads; ids and times are left out.

    None for other functions, for rows of a table (its page has the columns), and where the example fails.
    """
    example = call(function)
    if (
        example is None
        or example.role != "anon"
        or function["writes"]
        or "SETOF" in function["result"]
        or function["result"] == "void"
    ):
        return None
    assert isinstance(example.body, dict)
    types = {argument["name"]: argument["type"] for argument in function["arguments"]}
    given = ", ".join(f'"{name}" => %s::{types[name]}' for name in example.body)
    query = f"""
      select
        case
          when jsonb_typeof(a.answer) = 'object'
            then (
              select E'{{\n' || string_agg('  ' || to_json(f.key) || ': ' || f.value, E',\n') || E'\n}}'
              from jsonb_each(a.answer) as f
            )
          else a.answer::text
        end
      from (select to_jsonb({qualified(function)}({given}))) as a (answer)
    """
    values = [
        Jsonb(v) if isinstance(v, dict | list) and types[name] == "jsonb" else v
        for name, v in example.body.items()
    ]
    with server.connect(db) as connection:
        connection.execute("set role anon")
        try:
            found = connection.execute(query.encode(), values).fetchone()
        except psycopg.Error:
            return None
    assert found is not None
    return re.sub(_TIME, "<time>", re.sub(_UUID, "<id>", str(found[0])))


def _first_role(relation: Json, verb: str) -> str | None:
    return next((role for role in ROLES if access(relation, role, verb)), None)


def _granted(relation: Json, role: str, verb: str) -> list[Json]:
    """The columns that a role may name, without the deprecated ones."""
    granted = relation["access"][ROLES[role]][verb]
    return [
        column
        for column in relation["columns"]
        if (granted is True or column["name"] in granted) and not is_deprecated(column)
    ]


def _label(relation: Json) -> str:
    """The column that says best which row it is: the first of text."""
    names = [column["name"] for column in relation["columns"] if column["type"] == "text"]
    return str((names or [relation["columns"][0]["name"]])[0])


def _references(relation: Json) -> dict[str, str]:
    """Column → the column that it refers to; where several keys have it, the shortest says so."""
    found: dict[str, str] = {}
    for key in sorted(keys(relation, "f"), key=lambda key: len(key["columns"])):
        for here, there in zip(key["columns"], key["foreign_columns"], strict=True):
            found.setdefault(here, f"{key['foreign_table']}.{there}")
    return found


def _sample(column: Json, references: Mapping[str, str]) -> object:
    name, kind = column["name"], column["type"]
    if kind.endswith("[]"):
        element = _BY_NAME.get(name.removesuffix("s"))
        return [] if element is None else [element]
    sample = _BY_NAME.get(name)
    if sample is not None and isinstance(sample, dict | list) == (kind == "jsonb"):
        return sample
    if column["labels"]:
        return column["labels"][0]
    if name in references:
        return f"<{references[name]}>"
    return _BY_CATEGORY.get(column["category"], _BY_TYPE.get(kind, "…"))


def _javascript(value: object) -> str:
    """JSON as a person writes it in JavaScript."""
    if isinstance(value, dict):
        inside = ", ".join(f"{name}: {_javascript(item)}" for name, item in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(_javascript, value))}]"
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return json.dumps(value, ensure_ascii=False)
