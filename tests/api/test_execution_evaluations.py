"""Evaluations over HTTP: end to end by supabase-js and by the Python client, who sees what, and races."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from ratebook import Client, Conflict, NotFound
from tests.conftest import Api, Connection
from tools.project import REPOSITORY

# The suite answers a few cases; RATEBOOK_CASES=40 as many as the figures are of: 200 submissions, 600 scores.
CASES = int(os.environ.get("RATEBOOK_CASES", "3"))


@dataclass(frozen=True)
class Cast:
    """Who takes part: models that cost something, and people, of whom the owner has a million credits."""

    models: list[str]
    owner: UUID
    judge: UUID


@pytest.fixture
def cast(db: Connection, new_model: Any, new_user: Any) -> Cast:
    models = []
    for number in range(7):
        key = f"e{uuid4().hex[:10]}"
        model = new_model(key=key)
        for meter, price in (("input", "0.00000137"), ("output", f"0.0000{number + 1}11")):
            db.execute(
                "insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from)"
                " values (%s, %s, %s, '2025-01-01Z')",
                [model, meter, price],
            )
        models.append(key)
    owner, judge = new_user(), new_user()
    db.execute("select billing.grant_credits(%s, 1000000)", [owner])
    return Cast(models, owner, judge)


def spent(db: Connection, owner: UUID) -> Decimal:
    """What the ledger says of an owner's charges and refunds."""
    row = db.execute(
        "select -sum(amount) as spent from billing.ledger_entries"
        " where lenser_id = %s and kind in ('charge', 'refund')",
        [owner],
    ).fetchone()
    assert row is not None
    return Decimal(row["spent"])


def test_end_to_end_by_supabase_js(
    ratebook_stack: Any, supabase_js: Any, cast: Cast, new_user: Any, db: Connection
) -> None:
    seen = supabase_js(
        "execution.mjs",
        ratebook_stack.service_key,
        ratebook_stack.token("authenticated", str(cast.judge)),
        cast.owner,
        cast.judge,
        ratebook_stack.token("authenticated", str(new_user())),
        ",".join(cast.models),
        CASES,
    )
    assert (seen["run"], seen["submissions"], seen["waiting"]) == ("finished", 5 * CASES, 5 * CASES)
    assert [row["submissions"] for row in seen["costs"]] == [CASES] * 5
    assert [row["judgements"] for row in seen["costs"]] == [2 * CASES] * 5
    assert [row["scores"] for row in seen["leaderboard"]] == [3 * CASES] * 5
    assert {row["comparisons"] for row in seen["leaderboard"]} == {4 * 3 * CASES}
    total = sum(Decimal(row["credits"]) for row in seen["costs"])
    print(f"supabase-js: {seen['submissions']} submissions, {total} credits")
    assert total == sum(map(Decimal, seen["charged"])) == spent(db, cast.owner)
    # Private: for anybody else there is none.
    for who in ("stranger", "anon"):
        assert (seen[who]["status"], seen[who]["token"]) == (404, "unknown_evaluation")


def test_end_to_end_by_the_python_client(ratebook_stack: Any, cast: Cast, db: Connection) -> None:
    token = ratebook_stack.token("authenticated", str(cast.judge))
    contenders, judges = cast.models[:5], cast.models[5:]
    charged: list[Decimal] = []
    with (
        Client(ratebook_stack.url, ratebook_stack.service_key) as client,
        Client(ratebook_stack.url, ratebook_stack.anon_key, token) as person,
    ):
        evaluations = client.evaluations
        made = evaluations.create(
            "by hand",
            contenders=contenders,
            judges=[*judges, {"person": str(cast.judge)}],
            lenser=cast.owner,
        )
        assert (
            evaluations.create(
                "by hand",
                contenders=contenders,
                judges=[*judges, {"person": str(cast.judge)}],
                lenser=cast.owner,
            )
            == made
        )
        assert (made.state, made.visibility) == ("draft", "private")
        assert evaluations.change(made.id, state="open").state == "open"
        run = evaluations.start_run(made.id, "one")
        assert evaluations.start_run(made.id, "one") == run
        for case in range(CASES):
            for place, model in enumerate(contenders):
                arguments: dict[str, Any] = {
                    "account": cast.owner,
                    "usage": {"prompt_tokens": 100 + case, "completion_tokens": 20 * place + 1},
                    "format": "openai_chat",
                    "output": f"{model} on {case}",
                }
                answer = evaluations.submit(run.id, model, f"case {case}", **arguments)
                assert evaluations.submit(run.id, model, f"case {case}", **arguments) == answer
                assert answer.credits is not None
                charged.append(answer.credits)
        for place, judge in enumerate(judges):
            waiting = evaluations.to_score(run.id, judge=judge)
            assert len(waiting) == 5 * CASES
            for one in waiting:
                scored = evaluations.score(
                    one.submission_id,
                    Decimal(len(one.output or "") + place) / 7,
                    judge=judge,
                    account=cast.owner,
                    usage={"input": 30, "output": 3},
                )
                assert scored.credits is not None
                charged.append(scored.credits)
            assert evaluations.to_score(run.id, judge=judge) == []
        mine = person.evaluations.to_score()
        assert {one.evaluation for one in mine} == {"by hand"}
        for place, one in enumerate(mine):
            assert person.evaluations.score(one.submission_id, place % 3).credits is None
        with pytest.raises(Conflict) as refused:
            person.evaluations.score(mine[0].submission_id, 99)
        assert refused.value.error == "idempotency_conflict"
        assert evaluations.finish_run(run.id).state == "finished"
        with pytest.raises(Conflict) as refused:
            evaluations.submit(
                run.id, contenders[0], "late", account=cast.owner, usage={"input": 1}
            )
        assert refused.value.error == "wrong_state"

        standings = evaluations.leaderboard(made.id)
        assert [one.place for one in standings] == [1, 2, 3, 4, 5]
        assert {one.scores for one in standings} == {3 * CASES}
        assert all(one.is_connected for one in standings)
        costs = evaluations.costs(made.id, run.id)
        total = sum((one.credits for one in costs), Decimal(0))
        print(f"Python: {5 * CASES} submissions, {15 * CASES} scores, {total} credits")
        assert total == sum(charged) == spent(db, cast.owner)
        assert [one.id for one in evaluations.runs(made.id)] == [run.id]
        # A judge's own row shows where they judge, and no more of it.
        with pytest.raises(NotFound):
            person.evaluations.get(made.id)
        with pytest.raises(NotFound):
            person.evaluations.costs(made.id)


Made = Callable[..., dict[str, Any]]


@pytest.fixture
def evaluation(api: Api, cast: Cast) -> Made:
    """Makes an open evaluation of the owner's with a run, a submission and a score of a model."""

    def make(**arguments: Any) -> dict[str, Any]:
        service = api("execution", "service_role")

        def rpc(name: str, body: dict[str, Any]) -> Any:
            answer = service.post(f"/rpc/{name}", json=body)
            assert answer.is_success, answer.text
            return answer.json()

        first, second, third = cast.models[:3]
        judges = [third, {"person": str(cast.judge)}]
        made = rpc(
            "create_evaluation",
            {"name": uuid4().hex, "contenders": [first, second], "judges": judges}
            | {"lenser": str(cast.owner)}
            | arguments,
        )[0]
        rpc("change_evaluation", {"evaluation": made["id"], "state": "open"})
        run = rpc("start_run", {"evaluation": made["id"], "key": "one"})[0]
        work = {"account": str(cast.owner), "usage": {"input": 1}}
        submitted = rpc("submit", {"run": run["id"], "contender": first, "case_key": "a"} | work)
        submission = {"submission": submitted["submission_id"]}
        rpc("score", submission | {"value": 1, "judge": third} | work)
        return {"id": made["id"], "run": run["id"], "submission": submitted["submission_id"]}

    return make


TABLES = ("evaluations", "contenders", "judges", "runs", "submissions", "scores")
ALL = {"evaluations": 1, "contenders": 2, "judges": 2, "runs": 1, "submissions": 1, "scores": 1}
NONE = dict.fromkeys(TABLES, 0)


@pytest.mark.parametrize("visibility", ["private", "public"])
def test_who_sees_what(
    visibility: str, evaluation: Made, api: Api, cast: Cast, new_user: Any
) -> None:
    made = evaluation(visibility=visibility)
    public = visibility == "public"
    root = new_user("admin")
    # A public evaluation shows that a person judged, and not who.
    others = ALL | {"judges": 1} if public else NONE
    people: list[tuple[str, UUID | None, dict[str, int]]] = [
        ("anon", None, others),
        ("authenticated", new_user(), others),
        ("authenticated", cast.judge, ALL if public else NONE | {"judges": 1}),
        ("authenticated", cast.owner, ALL),
        ("authenticated", root, others),
        ("service_role", None, ALL),
    ]
    for role, sub, expected in people:
        client = api("execution", role, sub)
        seen = {}
        for table in TABLES:
            column = "id" if table == "evaluations" else "evaluation_id"
            answer = client.get(f"/{table}", params={column: f"eq.{made['id']}"})
            assert answer.status_code == 200, answer.text
            seen[table] = len(answer.json())
        assert seen == expected, (role, sub)
        board = client.get("/rpc/leaderboard", params={"evaluation": made["id"]})
        reads = public or role == "service_role" or sub in (cast.owner, root)
        assert board.status_code == (200 if reads else 404), (role, board.text)
        costs = client.get("/rpc/costs", params={"evaluation": made["id"]})
        manages = role == "service_role" or sub in (cast.owner, root)
        refused = 401 if role == "anon" else 403 if public else 404
        assert costs.status_code == (200 if manages else refused), (role, costs.text)
    admin = api("execution", "authenticated", root)
    for table in TABLES:
        column = "id" if table == "evaluations" else "evaluation_id"
        found = admin.get(f"/all_{table}", params={column: f"eq.{made['id']}"})
        assert len(found.json()) == ALL[table]


def test_who_may_call_what(evaluation: Made, api: Api, cast: Cast, new_user: Any) -> None:
    made = evaluation(visibility="public")
    root, stranger = new_user("admin"), new_user()
    people = {
        "anon": api("execution"),
        "stranger": api("execution", "authenticated", stranger),
        "judge": api("execution", "authenticated", cast.judge),
        "owner": api("execution", "authenticated", cast.owner),
        "admin": api("execution", "authenticated", root),
        "service": api("execution", "service_role"),
    }
    submission = {"submission": made["submission"], "value": 2}
    work = {"account": str(cast.owner), "usage": {"input": 1}}
    calls: list[tuple[str, dict[str, Any], set[str]]] = [
        ("start_run", {"evaluation": made["id"]}, {"owner", "admin", "service"}),
        ("submit", {"run": made["run"], "contender": cast.models[1]} | work, {"service"}),
        ("score", submission, {"judge"}),
        ("score", submission | {"judge": cast.models[2]} | work, {"service"}),
        ("to_score", {"run": made["run"], "judge": cast.models[2]}, {"service"}),
        ("change_evaluation", {"evaluation": made["id"]}, {"owner", "admin", "service"}),
        ("finish_run", {"run": made["run"]}, {"owner", "admin", "service"}),
    ]
    for name, body, allowed in calls:
        for who, client in people.items():
            if name in ("start_run", "submit"):
                body |= {"key" if name == "start_run" else "case_key": f"of {who}"}
            answer = client.post(f"/rpc/{name}", json=body)
            done = answer.is_success or "idempotency_conflict" in answer.text
            if name == "to_score" and who not in ("anon", "service"):
                # It answers with what is one's own, which is nothing.
                assert answer.json() == [], who
                continue
            assert done == (who in allowed), (name, who, answer.text)
            if not done:
                # The service role names no judge where a person would be it.
                nobody = 404 if who == "service" else 403
                assert answer.status_code == (401 if who == "anon" else nobody), answer.text
    assert people["owner"].delete(f"/evaluations?id=eq.{made['id']}").is_success
    assert people["service"].get(f"/scores?evaluation_id=eq.{made['id']}").json() == []


def test_two_scores_of_one_judge_are_one(
    evaluation: Made, api: Api, cast: Cast, db: Connection
) -> None:
    service = api("execution", "service_role")
    made = evaluation(allows_self_judging=True, judges=[cast.models[3], cast.models[2]])
    body = {"submission": made["submission"], "judge": cast.models[3], "account": str(cast.owner)}
    before = spent(db, cast.owner)
    start = threading.Barrier(8)

    def score(value: int) -> httpx.Response:
        start.wait()
        return service.post(
            "/rpc/score", json=body | {"value": value, "usage": {"input": 1000, "output": 1}}
        )

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(score, [1, 2] * 4))
    done = [answer for answer in answers if answer.is_success]
    # All that sent what was first have one answer; the others are told.
    assert len(done) == 4
    assert len({answer.text for answer in done}) == 1
    assert {answer.json()["code"] for answer in answers if answer.is_error} == {"PT409"}
    charged = Decimal(done[0].json()["credits"])
    assert spent(db, cast.owner) - before == charged > 0


def test_a_score_is_before_the_end_or_refused(
    evaluation: Made, api: Api, cast: Cast, db: Connection
) -> None:
    service = api("execution", "service_role")
    models = cast.models[2:7]
    for _ in range(3):
        made = evaluation(judges=models)
        start = threading.Barrier(5)
        before = spent(db, cast.owner)

        def score(judge: str, made: dict[str, Any] = made, start: threading.Barrier = start) -> Any:
            start.wait()
            if judge == "end":
                return service.post("/rpc/finish_run", json={"run": made["run"]})
            body = {"submission": made["submission"], "judge": judge, "value": 1}
            work = {"account": str(cast.owner), "usage": {"input": 1000}}
            return service.post("/rpc/score", json=body | work)

        with ThreadPoolExecutor(5) as pool:
            *answers, ended = pool.map(score, [*models[1:], "end"])
        assert ended.is_success
        done = [answer.json() for answer in answers if answer.is_success]
        assert all("wrong_state" in answer.text for answer in answers if answer.is_error)
        row = db.execute(
            "select count(*) as scores, coalesce(bool_and(s.scored_at <= r.ended_at), true) as before"
            " from execution.runs as r left join execution.scores as s on s.run_id = r.id"
            " where r.id = %s",
            [made["run"]],
        ).fetchone()
        assert row is not None
        # models[0] had scored it already.
        assert row["before"]
        assert row["scores"] == len(done) + 1
        total = sum((Decimal(answer["credits"]) for answer in done), Decimal(0))
        assert spent(db, cast.owner) - before == total


@pytest.fixture
def service_environment(ratebook_stack: Any) -> dict[str, str]:
    return os.environ | {
        "SUPABASE_URL": ratebook_stack.url,
        "SUPABASE_SERVICE_ROLE_KEY": ratebook_stack.service_key,
    }


def test_the_example_runs_from_end_to_end(
    service_environment: dict[str, str], new_user: Any, db: Connection
) -> None:
    owner = new_user()
    db.execute("select billing.grant_credits(%s, 1000)", [owner])
    script = REPOSITORY / "examples" / "evaluation" / "compare.py"
    done = subprocess.run(
        [sys.executable, str(script), str(owner)],
        check=False,
        text=True,
        capture_output=True,
        timeout=60,
        env=service_environment,
    )
    assert done.returncode == 0, done.stderr
    *standings, total = done.stdout.splitlines()
    assert [line.split()[0] for line in standings] == ["1.", "2.", "3."]
    assert {line.split()[1] for line in standings} == {"gpt-4o-mini", "gpt-4o", "gpt-4.1"}
    assert Decimal(total.split()[0]) == spent(db, owner)
