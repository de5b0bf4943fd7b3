"""Who may do what: every cell of table × role × verb, and of the functions that move credits or prices, in one place.

r reads, c creates, u updates, d deletes; `-` may do nothing; `.` the table has no owner. `owner` is a signed-in user
acting on a row of their own, `authenticated` and `admin` ones acting on somebody else's. Nobody truncates.

A write that a role may not do is an error (401, 403, 405), whichever rows it names and whether there are any. One
exception: a signed-in user may write their own rows of some tables, and row security shows them no others. There a
write to somebody else's row finds no row, like one to a row that does not exist, and answers 204 or an empty list:
`has_rows_of_its_own()`.

A table of owners shows an owner their own rows and an admin the same: the owner's is its only SELECT policy, because an
"or admin" beside it makes every owner's page read the whole table. Admins read everybody's rows in `all_<table>` beside
it, which the service role and the owner of the database see as well, and others find empty. Two policies have a
second condition:

- `lensers.user_roles`, or admin: admins take roles away, and a DELETE asks the SELECT policy too. Few have a role.
- `billing.account_members`, the owner of the account or the member: each condition has an index.

So have the tables of `execution`, for what is public and everybody reads (the rows here are private), and judges for
the person who judges. A page of them reads one's own and the public, by an index each, and nothing of what others keep
private.

Admins write budgets through `billing.all_budgets`, because an UPDATE or DELETE sees what the SELECT policy shows. Views
that sum up or rename (`ai.resources`, `compat.jobs`, `billing.balances`, …) show admins all.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

from tests.modules import is_absent

ROLES = ("anon", "authenticated", "owner", "admin", "service_role")
VERBS = {"r": "read", "c": "create", "u": "update", "d": "delete"}

MATRIX = """
lensers.profiles                    -     -     rcu   -     rcu
lensers.all_profiles                -     -     -     r     r
lensers.user_roles                  -     -     r     rcd   rcd
lensers.audit_history               -     -     .     r     r
lensers.entitlements                -     -     r     -     r
lensers.all_entitlements            -     -     -     r     r
content.media_library               -     -     rcud  -     rcud
content.all_media_library           -     -     -     r     r
media.objects                       -     -     rcud  -     rcud
media.all_objects                   -     -     -     r     r
ai.providers                        r     r     .     rcud  rcud
ai.provider_connections             -     -     .     rcud  rcud
ai.model_profiles                   -     -     .     rcud  rcud
ai.models                           r     r     .     rcud  rcud
ai.model_aliases                    r     r     .     rcud  rcud
ai.meters                           r     r     .     rcud  rcud
ai.service_tiers                    r     r     .     rcud  rcud
ai.model_pricing                    r     r     .     rc    rc
ai.model_price_sources              r     r     .     r     r
ai.features                         r     r     .     rcud  rcud
ai.feature_model_policies           r     r     .     rcud  rcud
ai.health_reports                   -     -     .     r     r
ai.catalogue                        r     r     .     r     r
ai.generations                      -     -     rcd   -     rcud
ai.all_generations                  -     -     -     r     r
ai.resources                        -     -     r     r     r
billing.credit_rates                -     -     .     rc    rc
billing.execution_margin_policies   -     -     .     rc    rc
execution.evaluations               -     -     rd    -     rd
execution.all_evaluations           -     -     -     r     r
execution.contenders                -     -     r     -     r
execution.all_contenders            -     -     -     r     r
execution.judges                    -     -     r     -     r
execution.all_judges                -     -     -     r     r
execution.runs                      -     -     r     -     r
execution.all_runs                  -     -     -     r     r
execution.submissions               -     -     r     -     r
execution.all_submissions           -     -     -     r     r
execution.scores                    -     -     r     -     r
execution.all_scores                -     -     -     r     r
compat.api_providers                -     r     .     rcud  rcud
compat.api_models                   -     r     .     rcud  rcud
compat.jobs                         -     -     rcd   r     rcud
compat.api_model_stats              -     r     .     r     r
compat.providers                    r     r     .     rcud  rcud
compat.model_profiles               -     -     .     rcud  rcud
compat.rate_cards                   r     r     .     rc    rc
compat.llm_providers                r     r     .     r     rcud
compat.llm_models                   r     r     .     r     rcud
compat.ai_model_config              -     r     .     rcud  rcud
billing.settings                    -     -     .     ru    ru
billing.accounts                    -     -     r     -     rcu
billing.all_accounts                -     -     -     r     r
billing.account_members             -     -     r     -     r
billing.all_account_members         -     -     -     r     r
billing.recurring_grants            -     -     r     -     r
billing.all_recurring_grants        -     -     -     r     r
billing.grants                      -     -     r     -     r
billing.all_grants                  -     -     -     r     r
billing.revocations                 -     -     r     -     r
billing.all_revocations             -     -     -     r     r
billing.holds                       -     -     r     -     r
billing.all_holds                   -     -     -     r     r
billing.charges                     -     -     r     -     r
billing.all_charges                 -     -     -     r     r
billing.charge_costs                -     -     -     r     r
billing.ledger_entries              -     -     r     -     r
billing.all_ledger_entries          -     -     -     r     r
billing.idempotency_keys            -     -     -     -     r
billing.budgets                     -     -     r     -     rcud
billing.all_budgets                 -     -     -     rcud  r
billing.budget_periods              -     -     r     -     r
billing.all_budget_periods          -     -     -     r     r
billing.outbox                      -     -     r     -     rud
billing.all_outbox                  -     -     -     r     r
billing.balances                    -     -     r     r     r
"""

# x may call it, - may not. Of a person's credits; `owner` is that person.
FUNCTIONS = """
ai.import_catalogue                 -     -     -     x     x
ai.schedule_price                   -     -     -     x     x
ai.unpin_price                      -     -     -     x     x
ai.follow_source                    -     -     -     x     x
billing.grant_credits               -     -     -     x     x
billing.revoke_grant                -     -     -     x     x
billing.refund_charge               -     -     -     x     x
billing.get_balance                 -     -     x     x     x
billing.self_check                  -     -     -     x     x
ai.self_check                       -     -     -     x     x
billing.authorize_credits           -     -     -     -     x
billing.set_member                  -     -     -     -     x
billing.sweep_accounts              -     -     -     -     x
billing.purge                       -     -     -     -     x
"""


@dataclass(frozen=True)
class World:
    """Rows that the rows under test refer to."""

    provider_id: UUID
    provider_key: str
    model_id: UUID
    model_key: str
    feature_key: str
    owner: UUID
    newcomer: UUID
    """An auth user without a profile or role yet."""
    member: UUID
    """Somebody with a profile, who is neither the owner nor the stranger."""
    account_id: UUID
    """An account of the owner's."""
    budget_id: UUID
    """A monthly budget of the owner's for the model."""
    charge_id: UUID
    """A charge of the account, without its cost."""
    grant_id: UUID
    """A lot of the account."""
    evaluation: dict[str, UUID] = field(default_factory=dict)
    """The owner's: `draft` and `open`, and of the open one run, contender, judge and submission."""


Row = dict[str, Any]


@dataclass(frozen=True)
class Subject:
    """How to make and change a row of one table."""

    row: Callable[[World], Row]
    """A new row of the owner's, as the superuser inserts it."""
    patch: Row
    body: Callable[[World, str], Row] | None = None
    """What a role sends to create one; the same as row where it is None."""
    key: tuple[str, ...] = ("id",)
    base: str | None = None
    """Where a row of a view that takes none is made."""
    base_key: tuple[str, ...] | None = None
    """What key is called there; the same where it is None."""


def word() -> str:
    return "t" + uuid4().hex[:12]


def uuid_v7() -> UUID:
    """An id of now: partitioned tables take no other."""
    return UUID(int=int(time.time() * 1000) << 80 | 7 << 76 | uuid4().int & ~(-1 << 76))


def _owned(columns: Callable[[], Row]) -> Callable[[World, str], Row]:
    """The owner may not name an owner; the others try to write for the owner."""

    def body(world: World, role: str) -> Row:
        return columns() if role == "owner" else columns() | {"lenser_id": world.owner}

    return body


def _object() -> Row:
    return {"bucket": "images", "path": word()}


def _media() -> Row:
    return {"title": word()}


def _generation(world: World) -> Row:
    return {"model_id": world.model_id, "prompt": "hello"}


def _model(world: World) -> Row:
    return {"key": word(), "name": "M", "provider_id": world.provider_id}


def _profile(world: World) -> Row:
    return {"name": word(), "provider_id": world.provider_id, "model": "m"}


def _job(world: World) -> Row:
    return {"api_model_id": world.model_id, "prompt": "hello"}


NOW = "2026-11-01T00:00:00Z"


def _in_account(columns: Callable[[], Row]) -> Callable[[World], Row]:
    return lambda w: columns() | {"account_id": w.account_id, "lenser_id": w.owner}


def _revocation(world: World) -> Row:
    return {
        "lenser_id": world.owner,
        "account_id": world.account_id,
        "grant_id": world.grant_id,
        "source": "manual",
        "from_lot": 1,
        "held": 0,
        "owed": 0,
        "created_at": NOW,
    }


def _charge(world: World) -> Row:
    return {
        "id": uuid_v7(),
        "lenser_id": world.owner,
        "account_id": world.account_id,
        "spender_id": world.owner,
        "feature_key": word(),
        "priced_at": NOW,
        "credits": 1,
        "created_at": NOW,
    }


def _cost(world: World) -> Row:
    return {
        "id": world.charge_id,
        "lenser_id": world.owner,
        "currency": word(),
        "cost": 1,
        "credit_rate_id": uuid4(),
        "margin_policy_id": uuid4(),
        "price_ids": [uuid4()],
    }


SUBJECTS: dict[str, Subject] = {
    "lensers.profiles": Subject(
        row=lambda w: {"id": w.newcomer, "user_id": w.newcomer},
        patch={"display_name": "Ada"},
    ),
    "lensers.user_roles": Subject(
        row=lambda w: {"user_id": w.newcomer, "role": "user"},
        patch={"role": "moderator"},
        key=("user_id", "role"),
    ),
    "lensers.audit_history": Subject(
        row=lambda w: {
            "changed_at": "2026-01-01T00:00:00Z",
            "table_name": word(),
            "operation": "INSERT",
            "row_key": {"id": 1},
            "after": {"id": 1},
            "role": "postgres",
            "database_user": "postgres",
        },
        patch={"role": "nobody"},
    ),
    "lensers.entitlements": Subject(
        row=lambda w: {
            "lenser_id": w.owner,
            "tier": "paid",
            "starts_at": NOW,
            "external_ref": word(),
        },
        patch={"tier": "enterprise"},
    ),
    "content.media_library": Subject(
        row=lambda w: _media() | {"lenser_id": w.owner}, patch={"title": "new"}, body=_owned(_media)
    ),
    "media.objects": Subject(
        row=lambda w: _object() | {"lenser_id": w.owner},
        patch={"mime_type": "a/b"},
        body=_owned(_object),
    ),
    "ai.resources": Subject(
        row=lambda w: _object() | {"lenser_id": w.owner},
        patch={"mime_type": "a/b"},
        base="media.objects",
    ),
    "ai.providers": Subject(row=lambda w: {"key": word(), "name": "P"}, patch={"name": "Q"}),
    "ai.provider_connections": Subject(
        row=lambda w: {"name": word(), "provider_id": w.provider_id}, patch={"is_active": False}
    ),
    "ai.model_profiles": Subject(
        row=_profile,
        patch={"disabled": True},
    ),
    "ai.models": Subject(
        row=_model,
        patch={"name": "N"},
    ),
    "ai.model_aliases": Subject(
        row=lambda w: {"alias": word(), "model_id": w.model_id},
        patch={"source": "elsewhere"},
        key=("alias", "model_id"),
    ),
    "ai.meters": Subject(
        row=lambda w: {"key": word(), "name": "M", "description": "d", "unit_type": "tokens"},
        patch={"name": "N"},
        key=("key",),
    ),
    "ai.service_tiers": Subject(
        row=lambda w: {"key": word(), "description": "d"}, patch={"description": "e"}, key=("key",)
    ),
    "ai.model_pricing": Subject(
        row=lambda w: {
            "model_id": w.model_id,
            "meter": "input",
            "price_per_unit": 1,
            "variant": word(),
        },
        patch={"price_per_unit": 2},
        key=("variant",),
    ),
    "ai.model_price_sources": Subject(
        row=lambda w: {
            "model_id": w.model_id,
            "price_source": word(),
            "price_currency": "USD",
            "revision": uuid4().int % 10**9,
        },
        patch={"price_source": "elsewhere"},
        key=("price_source",),
    ),
    "ai.features": Subject(row=lambda w: {"key": word()}, patch={"description": "d"}, key=("key",)),
    "ai.feature_model_policies": Subject(
        row=lambda w: {"feature_key": w.feature_key, "model_id": w.model_id},
        patch={"priority": 7},
        key=("feature_key", "model_id"),
    ),
    "ai.health_reports": Subject(
        row=lambda w: {"model_id": w.model_id, "state": "degraded", "until": NOW},
        patch={"state": "rate_limited"},
    ),
    "ai.catalogue": Subject(
        row=_model,
        patch={"name": "N"},
        base="ai.models",
    ),
    "ai.generations": Subject(
        row=lambda w: _generation(w) | {"lenser_id": w.owner},
        patch={"quality_rating": 5},
    ),
    "billing.credit_rates": Subject(
        row=lambda w: {"currency": "XTS", "credits_per_currency_unit": 1}, patch={"revision": 1}
    ),
    "billing.execution_margin_policies": Subject(
        row=lambda w: {"model_id": w.model_id, "margin": 1}, patch={"margin": 2}
    ),
    "compat.api_providers": Subject(
        row=lambda w: {"name": word(), "display_name": "P"}, patch={"display_name": "Q"}
    ),
    "compat.api_models": Subject(
        row=lambda w: {
            "model_key": word(),
            "display_name": "M",
            "provider_id": w.provider_id,
            "modality": "image",
            "task": "generation",
            "pricing": {"per_image": 0.0023},
        },
        patch={"display_name": "N"},
    ),
    "compat.jobs": Subject(
        row=lambda w: _job(w) | {"user_id": w.owner},
        patch={"quality_rating": 5},
    ),
    "compat.api_model_stats": Subject(
        row=_model,
        patch={"total": 7},
        body=lambda w, role: {"display_name": "M"},
        key=("api_model_id",),
        base="ai.models",
        base_key=("id",),
    ),
    "compat.providers": Subject(
        row=lambda w: {"name": word()}, patch={"base_url": "https://example.com"}
    ),
    "compat.model_profiles": Subject(row=_profile, patch={"disabled": True}),
    "compat.rate_cards": Subject(
        row=lambda w: {
            "provider": w.provider_key,
            "model": w.model_key,
            "input_cost_per_1m": 3,
            "output_cost_per_1m": 15,
        },
        patch={"source": "elsewhere"},
    ),
    "compat.llm_providers": Subject(
        row=lambda w: {"provider_key": word(), "provider_name": "P"}, patch={"provider_name": "Q"}
    ),
    "compat.llm_models": Subject(
        row=lambda w: {
            "provider_id": w.provider_id,
            "model_key": word(),
            "model_name": "M",
            "pricing": {"input_per_1m": 0.15},
        },
        patch={"model_tier": "pro"},
    ),
    "compat.ai_model_config": Subject(
        row=lambda w: {
            "model_name": word(),
            "display_name": "M",
            "model_type": "text",
            "provider": w.provider_key,
            "input_cost_per_1m": "0.1500",
        },
        patch={"input_cost_per_1m": "0.2000"},
        key=("model_name",),
    ),
    # The one row; the world is made without it.
    "billing.settings": Subject(row=lambda w: {"id": True}, patch={"enforce_entitlements": True}),
    "billing.accounts": Subject(
        row=lambda w: {"lenser_id": w.owner, "name": word()}, patch={"overdraft_limit": 7}
    ),
    "billing.account_members": Subject(
        row=lambda w: {
            "account_id": w.account_id,
            "lenser_id": w.owner,
            "member_id": w.member,
        },
        patch={"spend_limit": 7},
        key=("account_id", "member_id"),
    ),
    "billing.recurring_grants": Subject(
        row=_in_account(
            lambda: {
                "amount": 1,
                "months": 1,
                "days": 0,
                "starts_at": NOW,
                "expires": True,
                "priority": 0,
                "source": "allowance",
            }
        ),
        patch={"amount": 7},
    ),
    "billing.grants": Subject(row=_in_account(lambda: {"amount": 1}), patch={"amount": 7}),
    "billing.revocations": Subject(row=_revocation, patch={"owed": 7}),
    "billing.holds": Subject(
        row=lambda w: {
            "id": uuid_v7(),
            "account_id": w.account_id,
            "lenser_id": w.owner,
            "spender_id": w.owner,
            "amount": 1,
            "lots": {},
            "expires_at": NOW,
            "created_at": NOW,
        },
        patch={"amount": 7},
    ),
    "billing.charges": Subject(row=_charge, patch={"credits": 7}),
    "billing.charge_costs": Subject(row=_cost, patch={"cost": 7}),
    "billing.ledger_entries": Subject(
        row=_in_account(
            lambda: {
                "id": uuid_v7(),
                "number": 1,
                "kind": "grant",
                "amount": 1,
                "balance_after": 1,
                "effective_at": NOW,
                "created_at": NOW,
            }
        ),
        patch={"amount": 7},
    ),
    "billing.idempotency_keys": Subject(
        row=_in_account(
            lambda: {
                "operation": "charge_generation",
                "key": word(),
                "request": {},
                "response": {},
                "created_at": NOW,
            }
        ),
        patch={"operation": "refund_charge"},
        key=("key",),
    ),
    "billing.budgets": Subject(
        row=lambda w: {
            "lenser_id": w.owner,
            "model_id": w.model_id,
            "period": "day",
            "hard_limit": 1,
        },
        patch={"hard_limit": 7},
    ),
    "billing.budget_periods": Subject(
        row=lambda w: {
            "budget_id": w.budget_id,
            "lenser_id": w.owner,
            "starts_on": "2026-11-01",
            "starts_at": "2026-11-01T00:00:00Z",
            "ends_at": "2026-12-01T00:00:00Z",
            "counted_by": str(w.budget_id),
            "spent": 1,
        },
        patch={"spent": 7},
        key=("budget_id", "starts_on"),
    ),
    "billing.outbox": Subject(
        row=lambda w: {"lenser_id": w.owner, "topic": "low_balance", "payload": {}},
        patch={"delivered_at": NOW},
    ),
    "billing.balances": Subject(
        row=lambda w: {"lenser_id": w.owner, "name": word()},
        patch={"posted": 7},
        key=("name",),
        base="billing.accounts",
    ),
}


def _part(evaluation: str, columns: Callable[[World], Row]) -> Callable[[World], Row]:
    """A row of an evaluation of the owner's."""
    return lambda w: (
        {
            "lenser_id": w.owner,
            "evaluation_id": w.evaluation[evaluation],
            "visibility": "private",
        }
        | columns(w)
    )


def _submission(world: World) -> Row:
    return {
        "run_id": world.evaluation["run"],
        "contender_id": world.evaluation["contender"],
        "case_key": word(),
        "generation_id": uuid4(),
    }


def _score(world: World) -> Row:
    return {
        "run_id": world.evaluation["run"],
        "submission_id": world.evaluation["submission"],
        "judge_id": world.evaluation["judge"],
        "value": 1,
        "generation_id": uuid4(),
    }


SUBJECTS |= {
    "execution.evaluations": Subject(
        row=lambda w: {"lenser_id": w.owner, "name": word()}, patch={"description": "d"}
    ),
    "execution.contenders": Subject(
        row=_part("draft", lambda w: {"number": 1, "model_id": w.model_id}), patch={"name": "n"}
    ),
    "execution.judges": Subject(
        row=_part("draft", lambda w: {"model_id": w.model_id}), patch={"name": "n"}
    ),
    "execution.runs": Subject(
        row=_part("open", lambda w: {"key": word()}),
        patch={"state": "finished", "ended_at": "2030-01-01T00:00:00Z"},
    ),
    "execution.submissions": Subject(row=_part("open", _submission), patch={"case_key": "c"}),
    "execution.scores": Subject(row=_part("open", _score), patch={"value": 7}),
}

# all_<table>: rows of the table. Others create them as the admin does, and are refused.
SUBJECTS |= {
    f"{schema}.all_{name}": replace(
        SUBJECTS[f"{schema}.{name}"], body=None, base=f"{schema}.{name}"
    )
    for schema, name in (
        ("lensers", "profiles"),
        ("lensers", "entitlements"),
        ("content", "media_library"),
        ("media", "objects"),
        ("ai", "generations"),
        ("billing", "accounts"),
        ("billing", "account_members"),
        ("billing", "recurring_grants"),
        ("billing", "grants"),
        ("billing", "revocations"),
        ("billing", "holds"),
        ("billing", "charges"),
        ("billing", "ledger_entries"),
        ("billing", "budgets"),
        ("billing", "budget_periods"),
        ("billing", "outbox"),
        ("execution", "evaluations"),
        ("execution", "contenders"),
        ("execution", "judges"),
        ("execution", "runs"),
        ("execution", "submissions"),
        ("execution", "scores"),
    )
}
SUBJECTS = {table: subject for table, subject in SUBJECTS.items() if not is_absent(table)}


def has_rows_of_its_own(table: str, role: str, letter: str) -> bool:
    """Whether a write that the role may not do to this row may be one that it may do to another."""
    return role in ("authenticated", "admin") and letter in cells().get((table, "owner"), ())


def cells() -> dict[tuple[str, str], frozenset[str]]:
    """(table, role) → the letters that it may; owners only where the table has any."""
    stated = {}
    for line in MATRIX.strip().splitlines():
        table, *letters = line.split()
        if is_absent(table):
            continue
        for role, cell in zip(ROLES, letters, strict=True):
            if cell != ".":
                stated[table, role] = frozenset(cell.replace("-", ""))
    return stated


def calls() -> dict[tuple[str, str], bool]:
    """(function, role) → whether it may call it."""
    return {
        (function, role): cell == "x"
        for function, *letters in map(str.split, FUNCTIONS.strip().splitlines())
        for role, cell in zip(ROLES, letters, strict=True)
    }
