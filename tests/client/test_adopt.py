"""`ratebook adopt`: whole generated databases of the older systems, copied twice.

Each generated row says what must become of it: None where it must read back as it was, else the token, or the code, of
what it is refused with.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from urllib.parse import quote
from uuid import UUID

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb, set_json_loads

from ratebook.adopt.batches import split
from ratebook.cli import main
from ratebook.local.stack import Stack
from tests.conftest import Connection

pytestmark = pytest.mark.compat  # adoption writes through its views

Row = dict[str, Any]
# A request has 250; RATEBOOK_EXAMPLES=1000 makes more of each table.
ROWS = max(300, int(os.environ.get("RATEBOOK_EXAMPLES", "0")))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
AT = datetime(2024, 1, 1, 12, 30, 0, 123456, tzinfo=UTC)

OLD_TABLES = {
    "api_models": """
        create table api_providers (
          id uuid primary key, created_at timestamptz not null, updated_at timestamptz not null,
          name text not null unique, display_name text not null, base_url text,
          auth_scheme text not null default 'bearer', is_active boolean not null default true
        );
        create table api_models (
          id uuid primary key, created_at timestamptz not null, updated_at timestamptz not null, created_by uuid,
          provider_id uuid not null references api_providers, model_key text not null, version text,
          display_name text not null, modality text not null, task text not null, model_family text,
          endpoint_path text, input_defaults jsonb not null default '{}', capabilities jsonb not null default '{}',
          pricing jsonb not null default '{}', output_format text, is_active boolean not null default true,
          is_default boolean not null default false, priority integer not null default 0,
          unique (provider_id, model_key)
        );
    """,
    # Its timestamps are epoch milliseconds.
    "rate_cards": """
        create table providers (
          id uuid primary key, name text not null unique, contract text, base_url text, auth jsonb,
          modality text not null default 'chat', is_canonical boolean not null default false,
          canonical_revision integer, canonical_equivalent_id uuid references providers,
          disabled boolean not null default false, created_at bigint not null, updated_at bigint not null
        );
        create table model_profiles (
          id uuid primary key, name text not null unique, model text not null,
          provider_id uuid not null references providers on delete restrict, system_prompt text,
          temperature double precision, max_tokens integer,
          is_canonical boolean not null default false, canonical_revision integer,
          canonical_equivalent_id uuid references model_profiles, disabled boolean not null default false,
          created_at bigint not null, updated_at bigint not null
        );
        create table rate_cards (
          id uuid primary key, provider_id uuid references providers, provider text not null, model text not null,
          input_cost_per_1m numeric not null, output_cost_per_1m numeric not null, cache_write_cost_per_1m numeric,
          cache_read_cost_per_1m numeric, currency text not null default 'USD', effective_from bigint not null,
          source text not null, created_at bigint not null, unique (provider, model, effective_from)
        );
    """,
    "llm_models": """
        create table llm_providers (
          id uuid primary key, provider_key varchar(50) not null unique, provider_name varchar(100) not null,
          api_base_url text, created_at timestamptz not null, updated_at timestamptz not null
        );
        create table llm_models (
          id uuid primary key, provider_id uuid not null references llm_providers, model_key varchar(100) not null,
          model_name varchar(255) not null, model_family varchar(100), model_version varchar(50),
          model_tier varchar(50), context_window integer, max_output_tokens integer,
          supports_function_calling boolean not null,
          supports_vision boolean not null, supports_streaming boolean not null, supports_audio boolean not null,
          supports_system_prompt boolean not null, pricing jsonb not null, rate_limits jsonb not null,
          capabilities jsonb not null, metadata jsonb not null, status varchar(20) not null, release_date date,
          deprecation_date date, typical_latency_ms integer, created_at timestamptz not null,
          updated_at timestamptz not null, deleted_at timestamptz, unique (provider_id, model_key)
        );
    """,
    "ai_model_config": """
        create table billing_aimodelconfig (
          id bigint primary key, model_name varchar(100) not null unique, display_name varchar(200) not null,
          model_type varchar(10) not null, provider varchar(50) not null, input_cost_per_1m numeric(14, 10),
          output_cost_per_1m numeric(14, 10), cost_per_image numeric(14, 10), context_window integer,
          max_output_tokens integer, valid_sizes jsonb not null, supports_json_mode boolean not null,
          supports_vision boolean not null, supports_function_calling boolean not null, is_active boolean not null,
          is_default boolean not null, sort_order integer not null, description text not null,
          created_at timestamptz not null, updated_at timestamptz not null, updated_by_id integer
        );
    """,
}
# What identifies a row, and what is this database's to set.
KEYS = {
    "api_providers": ["name"],
    "api_models": ["id"],
    "providers": ["name"],
    "model_profiles": ["name"],
    "rate_cards": ["provider", "model", "effective_from"],
    "llm_providers": ["provider_key"],
    "llm_models": ["id"],
    "billing_aimodelconfig": ["model_name"],
}
# What its providers and profiles are called; other rows name these by id.
PROVIDERS = {
    "api_providers": "name",
    "providers": "name",
    "model_profiles": "name",
    "llm_providers": "provider_key",
}
SET_HERE = {
    "api_models": {"created_by"},
    "rate_cards": {"id", "created_at"},
    "billing_aimodelconfig": {"id", "updated_by_id"},
}


class Old(NamedTuple):
    """A row and what must become of it."""

    row: Row
    refusal: str | None = None


class Result(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Result]
Tables = dict[str, list[Old]]


# ------------------------------------------------------------------ what is generated


class Generator:
    """The same rows for the same seed."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)

    def id(self) -> UUID:
        return UUID(int=self.random.getrandbits(128), version=4)

    def word(self, place: int) -> str:
        odd = self.random.choice(
            ["", "Ü ", "o'Neill ", '"q" ', "a,b ", "{x} ", "模型 ", "🚀 ", r"\n ", "[/b] "]
        )
        return f"{odd}Name {place}"

    def some(self, value: Any) -> Any:
        return self.random.choice([value, value, None])

    def times(self) -> Row:
        made = AT + timedelta(seconds=self.random.randrange(10**7))
        return {"created_at": made, "updated_at": made + timedelta(days=1)}

    def price(self) -> Decimal:
        """Ten decimals, free, huge, or as people write them."""
        digits = self.random.randrange(1, 10**11)
        return self.random.choice(
            [
                Decimal(digits).scaleb(-10),
                Decimal(0),
                Decimal("999999999999.1234567891"),
                Decimal("2.50"),
            ]
        )


def milliseconds(row: Row) -> Row:
    """A row with its times as milliseconds since 1970."""
    return {
        name: value // timedelta(milliseconds=1) if isinstance(value, timedelta) else value
        for name, value in (
            (name, value - EPOCH if isinstance(value, datetime) else value)
            for name, value in row.items()
        )
    }


def with_api_models(make: Generator) -> Tables:
    providers = [
        Old(
            {
                "id": make.id(),
                "name": f"Bad Key {i}" if i % 100 == 99 else f"b-{i}.x",
                "display_name": make.word(i),
                "base_url": make.some(f"https://b{i}.example/v1"),
                "auth_scheme": make.random.choice(["bearer", "header", "query", "none"]),
                "is_active": i % 7 > 0,
                **make.times(),
            },
            "23514" if i % 100 == 99 else None,
        )
        for i in range(ROWS)
    ]
    wrong: dict[int, tuple[Any, str]] = {
        11: ({"per_smile": 1}, "unknown_meter"),
        12: ({"per_image": "0.1"}, "not_a_number"),
        13: ({"per_image": -1}, "negative_quantity"),
        14: ({"per_image": 10**6}, "quantity_out_of_range"),
        15: ({"per_image": 1, "billing_unit": "per_second"}, "invalid_argument"),
        16: ({"per_image": 1, "currency": "euro"}, "invalid_argument"),
        17: ([0.1], "invalid_argument"),
    }
    models = []
    for i in range(ROWS):
        provider = providers[(i * 7) % ROWS]
        pricing, refusal = wrong.get(
            i % 200,
            (
                make.random.choice(
                    [
                        {},
                        {"per_image": make.price() % 1000},
                        {
                            "per_image": Decimal("0.0023"),
                            "currency": "USD",
                            "billing_unit": "per_image",
                        },
                        {"per_1m_input_tokens": make.price(), "per_1m_output_tokens": make.price()},
                        {"per_1m_tokens": make.price(), "per_request": 0, "currency": "EUR"},
                    ]
                ),
                None,
            ),
        )
        row = {
            "id": make.id(),
            "created_by": make.some(make.id()),
            "provider_id": provider.row["id"],
            # Providers share names; versions make odd ones.
            "model_key": f"acme/model:{i // 3}@{'f' * 40}",
            "version": make.some("1.0"),
            "display_name": make.word(i),
            "modality": make.random.choice(["text", "image", "video"]),
            "task": make.random.choice(["generation", "embedding"]),
            "model_family": make.some("SDXL"),
            "endpoint_path": make.some("/predictions"),
            "input_defaults": {"width": 1024, "guidance": Decimal("7.50"), "prompt": None},
            "capabilities": {"negative_prompts": True, "max": "1024x1024"},
            "pricing": pricing,
            "output_format": make.some("image/jpeg"),
            "is_active": i % 5 > 0,
            "is_default": False,
            "priority": make.random.choice([0, 1, 2**31 - 1, -(2**31)]),
            **make.times(),
        }
        models.append(Old(row, "unknown_provider" if provider.refusal else refusal))
    # A default that is inactive, one that stands, and a second one of the same modality and task.
    spare = [place for place, old in enumerate(models) if not old.refusal]
    kind = {"modality": "audio", "task": "speech", "is_default": True}
    for place, active, refusal in (
        (spare[0], False, "inactive_model"),
        (spare[1], True, None),
        (spare[2], True, "invalid_argument"),
    ):
        models[place] = Old(
            models[place].row | kind | {"is_active": active, "id": UUID(int=place)}, refusal
        )
    return {"api_providers": providers, "api_models": models}


def with_rate_cards(make: Generator) -> Tables:
    providers: list[Old] = []
    for i in range(ROWS):
        row = {
            "id": make.id(),
            "name": "No Name" if i == ROWS - 1 else f"c{i}",
            "contract": make.some("openai_chat"),
            "base_url": make.some(f"https://c{i}.example"),
            "auth": make.random.choice(
                [
                    None,
                    {"type": "none"},
                    {"type": "platform"},
                    {"type": "api_key", "credential": f"c{i}_key"},
                ]
            ),
            "modality": make.random.choice(["chat", "image"]),
            "is_canonical": i % 2 == 0,
            "canonical_revision": make.some(i),
            "canonical_equivalent_id": None,
            "disabled": i % 9 == 0,
            **milliseconds(make.times()),
        }
        if i % 200 == 157:
            row["auth"] = {"type": "api_key", "credential": "sk-0123456789abcdef0123"}
            providers.append(Old(row, "invalid_argument"))
            continue
        providers.append(Old(row, "23514" if i == ROWS - 1 else None))
    profiles = [
        Old(
            {
                "id": make.id(),
                "name": make.word(i),
                "provider_id": providers[(i * 3) % 50].row["id"],
                "model": f"m {i}",
                "system_prompt": make.some("Be brief.\n'Quote' \"this\"."),
                "temperature": make.some(make.random.random()),
                "max_tokens": 0 if i % 250 == 249 else make.some(i + 1),
                "is_canonical": i % 2 == 0,
                "canonical_revision": make.some(1),
                "canonical_equivalent_id": None,
                "disabled": i % 9 == 0,
                **milliseconds(make.times()),
            },
            "23514" if i % 250 == 249 else None,
        )
        for i in range(ROWS)
    ]
    for table in (providers, profiles):
        for i in range(0, 100, 2):  # they name each other
            table[i].row["canonical_equivalent_id"] = table[i + 1].row["id"]
            table[i + 1].row["canonical_equivalent_id"] = table[i].row["id"]
    wrong: dict[int, tuple[Any, str]] = {
        5: ({"input_cost_per_1m": Decimal(-1)}, "negative_quantity"),
        6: ({"output_cost_per_1m": Decimal(10) ** 12}, "quantity_out_of_range"),
        7: ({"cache_read_cost_per_1m": Decimal("NaN")}, "not_a_number"),
        8: ({"currency": "dollars"}, "invalid_argument"),
        9: ({"provider": "No Key"}, "23514"),
        # Seconds, and microseconds.
        10: ({"effective_from": 1_704_110_400 + 86_400}, "invalid_time"),
        11: ({"effective_from": 1_704_110_400_000_000}, "invalid_time"),
    }
    cards = []
    for i in range(ROWS):
        is_known = i % 10 != 3
        row = {
            "id": make.id(),
            "provider_id": providers[i % 50].row["id"] if is_known and i % 2 else None,
            "provider": f"c{i % 50}" if is_known else f"ghost{i % 30}",
            "model": f"m/{i % 240}",
            "input_cost_per_1m": make.price(),
            "output_cost_per_1m": make.price(),
            "cache_write_cost_per_1m": make.some(make.price()),
            "cache_read_cost_per_1m": make.some(make.price()),
            "currency": "USD",
            "effective_from": AT + timedelta(days=make.random.randrange(2000), milliseconds=i),
            "source": make.random.choice(["manual", "https://prices.example", "litellm"]),
            "created_at": AT,
        }
        changes, refusal = wrong.get(i % 100, ({}, None))
        cards.append(Old(milliseconds(row) | changes, refusal))
    # Ratebook's own seed has cards of the date of the first, with other prices; the second says the same.
    seed = {
        "provider": "openai",
        "model": "gpt-4o-mini",
        "provider_id": None,
        "effective_from": 1_735_689_600_000,
    }
    cards[0] = Old(
        cards[0].row | seed | {"input_cost_per_1m": Decimal("0.16")}, "duplicate_rate_card"
    )
    cards[1] = Old(
        cards[1].row
        | seed
        | {
            "model": "gpt-4o",
            "input_cost_per_1m": Decimal("2.5"),
            "output_cost_per_1m": Decimal("10.00"),
            "cache_write_cost_per_1m": None,
            "cache_read_cost_per_1m": Decimal("1.25"),
            "source": "manual",
        }
    )
    return {"providers": providers, "model_profiles": profiles, "rate_cards": cards}


def with_llm_models(make: Generator) -> Tables:
    providers = [
        Old(
            {
                "id": make.id(),
                "provider_key": f"d{i}",
                "provider_name": make.word(i),
                "api_base_url": make.some(f"https://d{i}.example"),
                **make.times(),
            }
        )
        for i in range(ROWS)
    ]
    wrong: dict[int, tuple[Any, str]] = {
        21: ({"pricing": {"cost_of_smiles": 1}}, "unknown_meter"),
        22: ({"pricing": {"input_per_1m": "cheap"}}, "not_a_number"),
        23: ({"status": "legendary"}, "22P02"),
        24: ({"context_window": 0}, "23514"),
        25: ({"model_name": " "}, "23514"),
        # Switched off and deleted are one thing here.
        26: ({"status": "inactive", "deleted_at": AT}, "invalid_argument"),
    }
    models = []
    for i in range(ROWS):
        pricing: Row = make.random.choice(
            [
                {},
                {
                    "input_per_1m": make.price(),
                    "output_per_1m": str(make.price()),
                    "currency": "USD",
                },
                {"input_per_1m": make.price(), "cache_read_per_1m": None},
                {"per_image": Decimal("0.0400"), "currency": "CHF"},
            ]
        )
        row = {
            "id": make.id(),
            "provider_id": providers[(i * 3) % ROWS].row["id"],
            "model_key": ("k" * 90 if i % 50 == 0 else "gpt 4o: ") + str(i // 2),
            "model_name": make.word(i),
            "model_family": make.some("GPT"),
            "model_version": make.some("2024-08-06"),
            "model_tier": make.some("flagship"),
            "context_window": make.some(2**31 - 1),
            "max_output_tokens": make.some(16_000),
            **{
                f"supports_{name}": make.random.random() < 0.5
                for name in ("function_calling", "vision", "streaming", "audio", "system_prompt")
            },
            "pricing": pricing,
            "rate_limits": {"rpm": 10**15},
            "capabilities": {"languages": ["de", "en"], "score": Decimal("0.12345678901234567890")},
            "metadata": {"note": make.word(i)},
            "status": make.random.choice(["preview", "active", "deprecated", "retired"]),
            "release_date": make.some(date(2024, 5, 13)),
            "deprecation_date": make.some(date(2027, 1, 1)),
            "typical_latency_ms": make.some(0),
            "deleted_at": AT if i % 10 == 0 else None,
            **make.times(),
        }
        if i % 10 == 1:
            row["status"] = "inactive"
        changes, refusal = wrong.get(i % 150, ({}, None))
        models.append(Old(row | changes, refusal))
    return {"llm_providers": providers, "llm_models": models}


def with_ai_model_config(make: Generator) -> Tables:
    wrong: dict[int, tuple[Any, str]] = {
        31: ({"model_type": "video"}, "invalid_argument"),
        32: ({"provider": "Open AI"}, "23514"),
        33: ({"input_cost_per_1m": Decimal("-0.5")}, "negative_quantity"),
        34: ({"max_output_tokens": 0}, "23514"),
        35: ({"valid_sizes": "1024x1024"}, "22P02"),
        36: ({"model_name": " blank "}, "23514"),
    }
    configs = []
    for i in range(ROWS):
        is_text = i % 3 > 0
        row = {
            "id": i,
            "model_name": f"e-model {i}",
            "display_name": make.word(i),
            "model_type": "text" if is_text else "image",
            "provider": f"e{i % 40}",
            "input_cost_per_1m": make.price() % 10_000 if is_text else None,
            "output_cost_per_1m": make.price() % 10_000 if is_text else None,
            "cost_per_image": None if is_text else make.price() % 10_000,
            "context_window": make.some(128_000),
            "max_output_tokens": make.some(16_000),
            "valid_sizes": [] if is_text else ["1024x1024", "512x512"],
            "supports_json_mode": i % 2 == 0,
            "supports_vision": i % 5 == 0,
            "supports_function_calling": i % 7 == 0,
            "is_active": i % 4 > 0,
            "is_default": False,
            "sort_order": make.random.choice([0, i, 2**31 - 1]),
            "description": make.some("Fast & 'affordable'") or "",
            "updated_by_id": make.some(1),
            **make.times(),
        }
        changes, refusal = wrong.get(i % 160, ({}, None))
        if refusal and "model_name" in changes:
            changes = {"model_name": f" blank {i} "}
        configs.append(Old(row | changes, refusal))
    # The seed's model under its own name: the old row wins, and is the default of its type.
    configs[1] = Old(
        configs[1].row
        | {"model_name": "gpt-4o", "provider": "openai", "is_active": True, "is_default": True}
    )
    configs[2] = Old(configs[2].row | {"is_active": True, "is_default": True}, "invalid_argument")
    return {"billing_aimodelconfig": configs}


GENERATORS = {
    "api_models": with_api_models,
    "rate_cards": with_rate_cards,
    "llm_models": with_llm_models,
    "ai_model_config": with_ai_model_config,
}


# ------------------------------------------------------------------ where it is


@pytest.fixture(scope="module")
def stack(ratebook_project_dir: Path) -> Iterator[Stack]:
    """One of its own: thousands of models would be in the way of other tests."""
    with TemporaryDirectory(prefix="ratebook-", ignore_cleanup_errors=True) as folder:
        stack = Stack(ratebook_project_dir, folder)
        stack.start()
        try:
            yield stack
        finally:
            stack.stop()


@pytest.fixture
def db(stack: Stack) -> Iterator[Connection]:
    with psycopg.connect(stack.dsn, autocommit=True, row_factory=dict_row) as connection:
        set_json_loads(partial(json.loads, parse_float=Decimal), connection)
        yield connection


@pytest.fixture
def old(stack: Stack, db: Connection) -> Iterator[tuple[str, Connection]]:
    """An empty database of another system: its DSN and a connection."""
    db.execute("drop database if exists old with (force)")
    db.execute("create database old")
    dsn = stack.dsn.replace("/postgres?", "/old?")
    with psycopg.connect(dsn, autocommit=True, row_factory=dict_row) as connection:
        set_json_loads(partial(json.loads, parse_float=Decimal), connection)
        yield dsn, connection


@pytest.fixture
def run(
    stack: Stack,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> Run:
    """Runs `ratebook adopt ARGUMENTS` as the service role."""
    for name in ("RATEBOOK_KEY", "SUPABASE_URL", "SOURCE_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("RATEBOOK_URL", stack.url)
    monkeypatch.setenv("RATEBOOK_SERVICE_KEY", stack.service_role_key)
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Result:
        monkeypatch.setattr(sys, "argv", ["ratebook", "adopt", *arguments])
        capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        printed = capsys.readouterr()
        return Result(code, printed.out, printed.err)

    return run


def fill(old: Connection, tables: Tables) -> None:
    for table, rows in tables.items():
        names = list(rows[0].row)
        statement = sql.SQL("insert into {} ({}) values ({})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, names)),
            sql.SQL(", ").join([sql.Placeholder()] * len(names)),
        )
        # The first table of a system may name rows that come later.
        late = [
            (row.row["id"], row.row["canonical_equivalent_id"])
            for row in rows
            if row.row.get("canonical_equivalent_id")
        ]
        with old.cursor() as cursor:
            cursor.executemany(
                statement,
                [
                    [
                        None if name == "canonical_equivalent_id" else _sent(name, row.row[name])
                        for name in names
                    ]
                    for row in rows
                ],
            )
            cursor.executemany(
                sql.SQL("update {} set canonical_equivalent_id = %s where id = %s").format(
                    sql.Identifier(table)
                ),
                [(there, here) for here, there in late],
            )


def _sent(name: str, value: Any) -> Any:
    """JSON with every digit of a Decimal."""
    if isinstance(value, dict | list) or name == "valid_sizes":
        return Jsonb(value, dumps=_dumps)
    return value


def _dumps(value: Any) -> str:
    if isinstance(value, dict):
        return (
            "{"
            + ", ".join(f"{json.dumps(key)}: {_dumps(item)}" for key, item in value.items())
            + "}"
        )
    if isinstance(value, list):
        return "[" + ", ".join(map(_dumps, value)) + "]"
    return format(value, "f") if isinstance(value, Decimal) else json.dumps(value)


def counts(db: Connection) -> Row:
    row = db.execute(
        """
        select
          (select count(*) from ai.providers) as providers, (select count(*) from ai.models) as models,
          (select count(*) from ai.model_profiles) as profiles, (select count(*) from ai.model_pricing) as prices,
          (select max(updated_at) from ai.models) as last_change
        """
    ).fetchone()
    assert row is not None
    return row


# ------------------------------------------------------------------ what became of it


def assert_copied(table: str, rows: list[Old], old: Connection, db: Connection) -> None:
    """Every row reads back through compat as it is in the old database, or is not there."""
    here = {key_of(table, row): row for row in db.execute(f"select * from compat.{view_of(table)}")}
    there = {key_of(table, row): row for row in old.execute(f"select * from {table}")}
    providers = {row["id"]: row["key"] for row in db.execute("select id, key from ai.providers")}
    profiles = {
        row["id"]: row["name"] for row in db.execute("select id, name from ai.model_profiles")
    }
    names = providers | profiles | old_names(old)
    refused = {key_of(table, row.row) for row in rows if row.refusal}
    assert len(there) == len(rows) >= ROWS
    copied = 0
    for key, row in there.items():
        if key in refused:
            assert key not in here or table == "rate_cards"
            continue
        copied += 1
        columns = row.keys() - {"updated_at"} - SET_HERE.get(table, set())
        if table == "rate_cards" and row["provider_id"] is None:
            columns -= {"provider_id"}  # its name says which one
        assert comparable(row, row, columns, names) == comparable(here[key], row, columns, names)
    assert copied == sum(row.refusal is None for row in rows) > ROWS * 0.8


def key_of(table: str, row: Row) -> tuple[Any, ...]:
    return tuple(time_of(name, row[name]) for name in KEYS[table])


def time_of(name: str, value: Any) -> Any:
    """A time that is milliseconds as what it means; other values as they are."""
    is_time = name in {"created_at", "effective_from"} and isinstance(value, int)
    is_time = is_time and value < 10**14  # what is no time at all is refused
    return EPOCH + timedelta(milliseconds=value) if is_time else value


def old_names(old: Connection) -> dict[Any, str]:
    """What the ids of providers and profiles mean in the old database."""
    found: dict[Any, str] = {}
    for table, name in PROVIDERS.items():
        if old.execute("select to_regclass(%s) as found", [table]).fetchone() != {"found": None}:
            found |= {
                row["id"]: row["name"]
                for row in old.execute(f"select id, {name} as name from {table}")
            }
    return found


def comparable(row: Row, old: Row, columns: Iterable[str], names: dict[Any, str]) -> Row:
    """A row as it is, with ids as names and prices as numbers."""
    found = {name: row[name] for name in columns}
    for name, value in found.items():
        found[name] = time_of(name, value)
        if name in {"provider_id", "canonical_equivalent_id"}:
            found[name] = names.get(value)
        elif "cost_per_" in name and value is not None:
            found[name] = Decimal(value)
        elif name == "temperature" and value is not None:
            found[name] = float(value)
        elif name == "pricing":
            unsaid = {"currency", "billing_unit"} - old["pricing"].keys()
            found[name] = {
                key: price if key in {"currency", "billing_unit"} else Decimal(price)
                for key, price in value.items()
                if price is not None and key not in unsaid
            }
    return found


@pytest.mark.parametrize("system", list(GENERATORS))
def test_a_database_is_copied_whole_and_twice_is_once(
    system: str, run: Run, old: tuple[str, Connection], db: Connection
) -> None:
    dsn, old_db = old
    tables = GENERATORS[system](Generator(system))
    old_db.execute(OLD_TABLES[system])
    fill(old_db, tables)
    before = counts(db)

    # Some of it, from another schema.
    old_db.execute("create schema few")
    for table in tables:
        query = f"select * from {table} order by to_jsonb({table}) ->> 'is_default' = 'true' desc"
        limit = "" if table in PROVIDERS else "limit 60"
        old_db.execute(f"create table few.{table} as {query} {limit}")
    dry = run(system, dsn, "--schema", "few", "--dry-run", "--json")
    assert dry.err == ""
    assert counts(db) == before
    few = run(system, dsn, "--schema", "few", "--json")
    assert json.loads(few.out) == json.loads(dry.out) | {"dry_run": False}

    first = run(system, dsn, "--json")
    report = json.loads(first.out)
    assert (first.code, first.err) == (1, "")
    assert {
        (row["table"], str(row["id"])): row["error"] or row["code"] for row in report["refused"]
    } == {
        (view_of(table), str(old.row["id"])): old.refusal
        for table, rows in tables.items()
        for old in rows
        if old.refusal
    }
    assert report["unmapped"] == {}
    for table, rows in tables.items():
        found = report["tables"][view_of(table)]
        outcomes = Counter("refused" if row.refusal else "copied" for row in rows)
        assert (found["read"], found["refused"]) == (len(rows), outcomes["refused"])
        assert found["added"] + found["changed"] + found["unchanged"] == outcomes["copied"]
        assert_copied(table, rows, old_db, db)
    after = counts(db)

    second = json.loads(run(system, dsn, "--json").out)
    assert counts(db) == after
    assert second["made"] == []
    assert second["refused"] == report["refused"]
    assert second["tables"] == {
        table: found | {"added": 0, "changed": 0, "unchanged": found["read"] - found["refused"]}
        for table, found in report["tables"].items()
    }


def view_of(table: str) -> str:
    return table.removeprefix("billing_").replace("aimodelconfig", "ai_model_config")


# ------------------------------------------------------------------ what a person sees and may get wrong


@pytest.fixture
def cards(old: tuple[str, Connection]) -> tuple[str, Connection]:
    """A database with two rate cards, of a provider that is a name only, and columns of another age."""
    dsn, connection = old
    connection.execute(
        """
        create table rate_cards (
          provider text, model text, input_cost_per_1m numeric, output_cost_per_1m numeric,
          currency text default 'USD', effective_from timestamp, note text
        );
        insert into rate_cards values
        ('solo', 'one', 0.0000000001, 2, 'USD', '2026-01-01 10:00', null),
        ('solo', 'one', -1, 2, 'USD', '2026-02-01', 'a typing error');
        """
    )
    return dsn, connection


def test_the_report_is_a_table_with_a_reason_per_row(
    run: Run, cards: tuple[str, Connection], db: Connection
) -> None:
    dsn, _ = cards
    dry = run("rate_cards", dsn, "--dry-run")
    done = run("rate_cards", dsn)
    assert (dry.code, done.code, done.err) == (1, 1, "")
    assert dry.out == "Nothing was written; this is what would be copied.\n" + done.out
    assert [" ".join(line.split()) for line in done.out.splitlines()] == [
        "read added changed unchanged not copied",
        "rate_cards 2 1 0 0 1",
        "Providers and models made because rows name them: 2",
        "Rows with a value in rate_cards.note, which has no place here: 1",
        "not copied row reason",
        'rate_cards solo one 2026-02-01T00:00:00 The price of "input" is negative.',
    ]
    assert run("rate_cards", dsn, "--allow-unmapped").code == 0
    found = db.execute(
        "select input_cost_per_1m, effective_from from compat.rate_cards where provider = 'solo'"
    ).fetchall()
    assert found == [
        {
            "input_cost_per_1m": Decimal("1E-10"),
            "effective_from": datetime(2026, 1, 1, 10, tzinfo=UTC),
        }
    ]


def test_a_card_of_the_same_date_with_other_values_is_a_conflict(
    run: Run, cards: tuple[str, Connection]
) -> None:
    dsn, old = cards
    old.execute("delete from rate_cards where note is not null; alter table rate_cards drop note")
    assert run("rate_cards", dsn).code == 0
    old.execute("update rate_cards set output_cost_per_1m = 3")
    again = run("rate_cards", dsn)
    assert again.code == 1
    assert "There is a card of that date already, with another output_cost_per_1m." in again.out


def test_a_provider_that_is_here_keeps_its_id_and_rows_find_it(
    run: Run, old: tuple[str, Connection], db: Connection
) -> None:
    dsn, connection = old
    connection.execute(OLD_TABLES["llm_models"])
    tables = with_llm_models(Generator("one"))
    provider = tables["llm_providers"][0].row | {
        "provider_key": "openai",
        "provider_name": "Open AI",
    }
    model = tables["llm_models"][0].row | {"model_key": "own-1", "provider_id": provider["id"]}
    fill(connection, {"llm_providers": [Old(provider)], "llm_models": [Old(model)]})
    here = db.execute("select id from ai.providers where key = 'openai'").fetchone()
    assert here is not None
    report = json.loads(run("llm_models", dsn, "--json").out)
    assert report["tables"]["llm_providers"] | {"read": 1} == {
        "read": 1, "added": 0, "changed": 1, "unchanged": 0, "refused": 0,
    }  # fmt: skip
    assert report["ids"] == [
        {"table": "llm_providers", "old": str(provider["id"]), "here": str(here["id"])}
    ]
    found = db.execute(
        "select id, provider_id from compat.llm_models where model_key = 'own-1'"
    ).fetchone()
    assert found == {"id": model["id"], "provider_id": here["id"]}
    shown = db.execute("select name from ai.providers where key = 'openai'").fetchone()
    assert shown == {"name": "Open AI"}


def test_rows_that_a_policy_hides_are_not_passed_over(
    run: Run, cards: tuple[str, Connection], db: Connection
) -> None:
    dsn, old = cards
    old.execute("alter table rate_cards enable row level security")
    old.execute("grant select on rate_cards to anon")
    done = run("rate_cards", f"{dsn}&options={quote('-c role=anon')}")
    assert (done.code, done.out) == (1, "")
    assert "The old database refuses to be read." in done.err
    assert "row-level security" in done.err
    assert run("rate_cards", dsn, "--dry-run", "--allow-unmapped").code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["api_model", "DSN"], 2, "'api_model' is not one of"),
        (["rate_cards"], 2, "source_dsn"),
        (["rate_cards", "not a dsn"], 2, "That is not a PostgreSQL connection string."),
        (["rate_cards", "postgresql://127.0.0.1:1/x"], 2, "Cannot connect to the database."),
        (["api_models", "DSN"], 1, 'Schema "public" of that database has no table api_providers'),
        (["rate_cards", "DSN", "--schema", "x; y"], 1, 'Schema "x; y" of that database has no table rate_cards'),
        (["ai_model_config", "DSN"], 1, "has no table ai_model_config or …_aimodelconfig"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_sentence(
    arguments: list[str], code: int, says: str, run: Run, cards: tuple[str, Connection]
) -> None:
    dsn, _ = cards
    done = run(*[dsn if argument == "DSN" else argument for argument in arguments])
    assert (done.code, done.out) == (code, "")
    assert says in " ".join(done.err.split())
    assert "Traceback" not in done.err


def test_the_anon_key_does_not_copy(run: Run, cards: tuple[str, Connection], stack: Stack) -> None:
    dsn, _ = cards
    done = run("rate_cards", dsn, "--key", stack.anon_key)
    assert (done.code, done.out) == (1, "")
    assert "This needs the service key." in done.err


# ------------------------------------------------------------------ requests


def test_what_depends_on_each_other_is_one_request() -> None:
    providers = [{"id": f"p{i}", "name": f"n{i}"} for i in range(3)]
    models = [{"id": i, "provider_id": f"p{i % 2}", "is_default": i in {4, 5, 6}} for i in range(7)]
    tables = {
        "api_providers": [json.dumps(row) for row in providers],
        "api_models": [json.dumps(row) for row in models],
    }
    batches = [
        (
            batch.table,
            {name: [json.loads(row)["id"] for row in rows] for name, rows in batch.tables.items()},
        )
        for batch in split("api_models", tables, size=2)
    ]
    assert batches == [
        ("api_providers", {"api_providers": ["p0", "p1", "p2"]}),
        ("api_models", {"api_providers": ["p0", "p1"], "api_models": [4, 5, 6]}),
        ("api_models", {"api_providers": ["p0", "p1"], "api_models": [0, 1]}),
        ("api_models", {"api_providers": ["p0", "p1"], "api_models": [2, 3]}),
    ]


def test_cards_of_a_model_are_one_request() -> None:
    providers = [json.dumps({"id": "1", "name": "p"}), json.dumps({"id": "2", "name": "q"})]
    cards = [
        json.dumps({"provider": provider, "model": model, "effective_from": day})
        for day in ("2026-01-02", "2026-01-01")
        for provider, model in (("p", "b"), ("q", "a"), ("p", "a"))
    ]
    batches = split("rate_cards", {"providers": providers, "rate_cards": cards}, size=3)
    assert [
        (
            [json.loads(row)["name"] for row in batch.tables["providers"]],
            [
                "{provider} {model} {effective_from}".format(**json.loads(row))
                for row in batch.tables.get("rate_cards", [])
            ],
        )
        for batch in batches
    ] == [
        (["p", "q"], []),
        (["p"], ["p a 2026-01-01", "p a 2026-01-02", "p b 2026-01-01", "p b 2026-01-02"]),
        (["q"], ["q a 2026-01-01", "q a 2026-01-02"]),
    ]
