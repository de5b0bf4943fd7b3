"""The requests that the pages show: those of anybody over HTTP, the others in SQL as their role, undone afterwards."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest
from psycopg import sql

from tests.conftest import Api, Connection
from tests.docs.conftest import SCHEMA
from tests.modules import is_absent
from tools.project import NODE, REPOSITORY
from tools.reference.errors import DISTURBANCES

NOBODY = "00000000-0000-4000-8000-000000000000"
JSON = {"Content-Type": "application/json"}
COUNT = {"Prefer": "count=exact"}
SINGLE = {"Accept": "application/vnd.pgrst.object+json"}
BLOCK = re.compile(r"```(?:sh|js)\n(?P<text>.*?)\n```", re.DOTALL)


@dataclass(frozen=True)
class Example:
    """A request of a page, in one of its two forms."""

    page: str
    heading: str
    """The line above: who asks."""
    text: str

    @property
    def body(self) -> dict[str, Any]:
        found = re.search(r"^  -d '(.*)'$", self.text, re.MULTILINE)
        assert found is not None, self
        body: dict[str, Any] = json.loads(found[1])
        return body

    @property
    def is_anybodys(self) -> bool:
        return "$ACCESS_TOKEN" not in self.text and "SERVICE_ROLE" not in self.text


def examples(start: str) -> list[Example]:
    found = []
    for file in sorted(SCHEMA.rglob("*.md")):
        text = file.read_text()
        path = file.relative_to(SCHEMA).as_posix()
        if is_absent(path):
            continue
        for block in BLOCK.finditer(text):
            if block["text"].startswith(start):
                before = text[: block.start()]
                lines = [
                    line
                    for line in before.splitlines()
                    if line.startswith(("As ", "With ", "### "))
                ]
                found.append(Example(path, lines[-1] if lines else "", block["text"]))
    return found


CURL = examples("curl ")
ANYBODYS = [example for example in CURL if example.is_anybodys]
INSERTS = [e for e in CURL if "/rpc/" not in e.text and "-d '" in e.text]
CALLS = [e for e in CURL if "/rpc/" in e.text]


def ids(examples: list[Example]) -> list[str]:
    return [f"{e.page}-{e.heading.strip('#: ')}" for e in examples]


@pytest.mark.parametrize("example", ANYBODYS, ids=ids(ANYBODYS))
def test_anybody_gets_an_answer(example: Example, ratebook_stack: Any) -> None:
    done = subprocess.run(
        [
            "bash",
            "-euc",
            example.text.replace("curl ", "curl --silent --show-error --fail-with-body ", 1),
        ],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ
        | {"SUPABASE_URL": ratebook_stack.url, "SUPABASE_ANON_KEY": ratebook_stack.anon_key},
        timeout=30,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    # What returns nothing answers with status 204.
    assert json.loads(done.stdout or "null") != {}


def test_every_table_that_anybody_reads_has_an_example(db: Connection) -> None:
    found = db.execute(
        "select n.nspname, c.relname from pg_class as c join pg_namespace as n on n.oid = c.relnamespace"
        " where n.nspname in ('ai', 'billing', 'lensers', 'content', 'media', 'execution', 'compat')"
        " and c.relkind in ('r', 'p', 'v') and has_table_privilege('anon', c.oid, 'select')"
    ).fetchall()
    assert len(found) >= 8
    shown = {example.page for example in ANYBODYS}
    assert {f"{row['nspname']}/{row['relname']}.md" for row in found} <= shown


def test_the_same_is_asked_in_javascript(ratebook_stack: Any) -> None:
    """supabase-js runs each of anybody's requests without an error."""
    pages = {example.page for example in ANYBODYS}
    shown = [
        e for e in examples("const {") if e.page in pages and e.heading.startswith("As anybody")
    ]
    assert len(shown) >= 8
    statements = [
        f"{{ {example.text}\nif (error) throw new Error({json.dumps(example.page)} + ': ' + error.message) }}"
        for example in shown
    ]
    script = (
        "import { createClient } from '@supabase/supabase-js'\n"
        f"const supabase = createClient('{ratebook_stack.url}', '{ratebook_stack.anon_key}')\n"
        + "\n".join(statements)
    )
    done = subprocess.run(
        [NODE, "--input-type=module", "-e", script],
        check=False,
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


# code → status, and a request that gets them
SENT: dict[str, tuple[int, Callable[[httpx.Client], httpx.Response]]] = {
    "42501": (401, lambda ai: ai.get("/generations")),
    "23502": (400, lambda ai: ai.post("/features", json={"description": "d"})),
    "23503": (409, lambda ai: ai.post("/model_aliases", json={"alias": "a", "model_id": NOBODY})),
    "23505": (409, lambda ai: ai.post("/features", json={"key": "chat"})),
    "23514": (400, lambda ai: ai.post("/features", json={"key": "NO KEY"})),
    "22P02": (400, lambda ai: ai.get("/models?status=eq.alive")),
    "428C9": (400, lambda ai: ai.patch("/models?key=eq.gpt-4o", json={"search": "x"})),
    "42P01": (404, lambda ai: ai.get("/modles")),
    "42703": (400, lambda ai: ai.get("/models?select=kez")),
    "PGRST100": (400, lambda ai: ai.get("/models?select=key,,&order=key.up")),
    "PGRST102": (400, lambda ai: ai.post("/features", content="{", headers=JSON)),
    "PGRST103": (416, lambda ai: ai.get("/models?offset=9999", headers=COUNT)),
    "PGRST106": (406, lambda ai: ai.get("/models", headers={"Accept-Profile": "ratebook"})),
    "PGRST107": (415, lambda ai: ai.get("/models", headers={"Accept": "application/xml"})),
    "PGRST116": (406, lambda ai: ai.get("/models", headers=SINGLE)),
    "PGRST200": (400, lambda ai: ai.get("/generations?select=id,profiles(id)")),
    "PGRST202": (404, lambda ai: ai.post("/rpc/find_model", json={"modle": "gpt-4o"})),
    "PGRST204": (400, lambda ai: ai.post("/features", json={"kez": "x"})),
    "PGRST301": (401, lambda ai: ai.get("/models", headers={"Authorization": "Bearer x"})),
}


def test_the_errors_of_others_are_as_listed(api: Api, new_user: Any, pages: dict[str, str]) -> None:
    row = re.compile(r"^\| (\w{5}|PGRST\d+) \| (\d+)(?: \(anon: (\d+)\))? \|", re.MULTILINE)
    listed = row.findall(pages["errors.md"])
    # PGRST302 takes another PostgREST: tests/api/test_disturbances.py.
    disturbances = {it.code for it in DISTURBANCES} | {"PGRST302"}
    listed = [line for line in listed if line[0] not in disturbances]
    assert {code for code, *_ in listed} == SENT.keys()
    admin = api("ai", "authenticated", new_user("admin"))
    for code, status, anon in listed:
        expected, send = SENT[code]
        answer = send(api("ai") if anon else admin)
        assert (answer.json()["code"], answer.status_code) == (code, expected), answer.text
        assert expected == int(anon or status)


@dataclass(frozen=True)
class Stage:
    """A transaction in which an example is tried as its role, by one of the people; it is undone."""

    db: Connection
    people: dict[str, UUID]

    def run(self, example: Example, who: str, query: str) -> None:
        """Run a query of {names}, {values} and {named} (name => value), as the example's body has them."""
        role = "service_role" if "SERVICE_ROLE" in example.text else "authenticated"
        role = "anon" if example.is_anybodys else role
        claims = {"role": role} | (
            {"sub": str(self.people[who])} if role == "authenticated" else {}
        )
        with self.db.transaction(force_rollback=True):
            model = self.new_model()
            self.db.execute(
                "insert into ai.generations (lenser_id, model_id) values (%s, %s)",
                [self.people["lenser"], model],
            )
            body = json.loads(self.filled(json.dumps(example.body), who, model))
            values = [
                # A list of words is an array; everything else that has parts is jsonb.
                sql.Literal(
                    v
                    if isinstance(v, list) and all(isinstance(i, str) for i in v)
                    else json.dumps(v)
                )
                if isinstance(v, dict | list)
                else sql.Literal(v)
                for v in body.values()
            ]
            names = [sql.Identifier(name) for name in body]
            named = [sql.SQL("{} => {}").format(n, v) for n, v in zip(names, values, strict=True)]
            statement = sql.SQL(query).format(
                names=sql.SQL(", ").join(names),
                values=sql.SQL(", ").join(values),
                named=sql.SQL(", ").join(named),
            )
            self.db.execute(
                "select set_config('request.jwt.claims', %s, true)", [json.dumps(claims)]
            )
            self.db.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))
            self.db.execute(statement)

    def new_model(self) -> UUID:
        """A model of which there is no other row yet, so that none of an example stands in its way."""
        row = self.db.execute(
            "insert into ai.models (provider_id, key, name)"
            " select id, 'example', 'Example' from ai.providers order by key limit 1 returning id"
        ).fetchone()
        assert row is not None
        model: UUID = row["id"]
        return model

    def filled(self, text: str, who: str, model: UUID) -> str:
        """A body with a value of the database for each <schema.table.column>."""

        def value(match: re.Match[str]) -> str:
            schema, table, column = match.groups()
            if (schema, table) == ("lensers", "profiles"):
                return str(self.people["lenser"])
            if (schema, table) == ("ai", "models"):
                return str(model)
            if (schema, table) == ("auth", "users"):
                return str(self.people["newcomer" if who == "admin" else who])
            row = self.db.execute(
                sql.SQL("select {} as value from {} order by 1 limit 1").format(
                    sql.Identifier(column), sql.Identifier(schema, table)
                )
            ).fetchone()
            if row is None:
                pytest.skip(f"{schema}.{table} is empty")
            return str(row["value"])

        return re.sub(r"<(\w+)\.(\w+)\.(\w+)>", value, text)


@pytest.fixture
def stage(new_user: Any, db: Connection) -> Stage:
    """A user and an admin to act, a lenser who owns a generation, and somebody new."""
    users = {name: new_user() for name in ("user", "lenser", "newcomer")}
    return Stage(db, users | {"admin": new_user("admin")})


@pytest.mark.parametrize("example", INSERTS, ids=ids(INSERTS))
def test_a_row_as_shown_is_accepted(example: Example, stage: Stage) -> None:
    table = example.page.removesuffix(".md").replace("/", ".")
    who = "admin" if "admin" in example.heading else "user"
    try:
        stage.run(example, who, f"insert into {table} ({{names}}) values ({{values}})")
    except psycopg.Error as error:
        pytest.fail(f"{error} Say in tools/reference/examples.py what a row of {table} needs.")


@pytest.mark.parametrize("example", CALLS, ids=ids(CALLS))
def test_a_call_as_shown_works_or_fails_as_its_section_says(
    example: Example, stage: Stage, pages: dict[str, str]
) -> None:
    schema, name = example.page.partition("/")[0], example.heading.removeprefix("### ")
    section = pages[example.page].partition(f"### {name}\n")[2].partition("\n### ")[0]
    token = None
    try:
        stage.run(example, "admin", f"select * from {schema}.{name}({{named}})")
    except psycopg.Error as error:
        token = json.loads(error.diag.message_detail or "{}").get("error", str(error))
    assert token is None or f"[`{token}`]" in section
