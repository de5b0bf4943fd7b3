"""Ratebook comes into projects that have schemas of its names, says what is in the way, and goes without a trace."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from ratebook import migrations, modules
from ratebook.errors import RatebookError
from tests.migrations.adopters import ADOPTERS, CLASHING
from tests.migrations.conftest import NewDatabase, NewPushedDatabase, Push, StartServer
from tools import schema, snapshot
from tools.project import Project, clean_environment, supabase
from tools.schema import OWNER, SUPERUSER
from tools.servers import Server

Adopt = Callable[[str], tuple[Server, str]]


def dump(server: Server, db: str) -> list[str]:
    """Everything of a database, data and privileges included, but for the history of the CLI."""
    done = subprocess.run(
        [
            server.bin("pg_dump"),
            "--exclude-schema=supabase_migrations",
            "--inserts",
            server.dsn(db),
        ],
        capture_output=True,
        text=True,
        check=True,
        env=clean_environment(),
    )
    return [line for line in done.stdout.splitlines() if not re.match(r"\\(un)?restrict ", line)]


def entries(lines: list[str]) -> dict[str, list[str]]:
    """The statements of a dump, by the line above that says what they are: an object, its rows or its privileges."""
    found: dict[str, list[str]] = {}
    title = ""
    for line in lines:
        if re.match(r"-- (Data for )?Name: ", line):
            title = re.sub("; Owner: .*", "", line)
            assert title not in found
        elif line and not line.startswith(("--", "SET default_")):
            found.setdefault(title, []).append(line)
    return found


USAGE = re.compile(r"GRANT USAGE ON SCHEMA \w+ TO (anon|authenticated|service_role);")
_TITLE = re.compile(
    r"-- (?:Data for )?Name: (?P<what>.*); Type: (?P<kind>.*); Schema: (?P<schema>.*)"
)


def assert_beside_each_other(before: dict[str, list[str]], after: dict[str, list[str]]) -> None:
    """All of the project is as it was, privileges and rows too, and nothing came onto it: only the API roles' USAGE."""
    own = set()
    for title, lines in before.items():
        there = after[title]
        if found := _TITLE.fullmatch(title):
            if found["kind"] in ("SCHEMA", "TABLE", "VIEW", "SEQUENCE", "FUNCTION", "TYPE"):
                own.add((re.split(r"\W", found["what"])[0], found["schema"]))
            if found["what"].startswith("SCHEMA "):
                there = [line for line in there if line in lines or not USAGE.fullmatch(line)]
        assert sorted(there) == sorted(lines), title
    assert len(own) > 2
    # A policy, a trigger, a privilege of a column: each would have a title of its own, which names what it is on.
    for title in after.keys() - before.keys():
        found = _TITLE.fullmatch(title)
        assert found, title
        names = {(name, found["schema"]) for name in re.findall(r"\w+", found["what"])}
        if names & own:
            assert all(USAGE.fullmatch(line) for line in after[title]), title


@pytest.fixture
def adopt(server_of: StartServer, new_database: NewDatabase, project: Project) -> Adopt:
    """A database of the unprivileged owner with a project's own tables, and one user."""

    def adopt(sql: str) -> tuple[Server, str]:
        server = server_of(15)
        db = new_database(server)
        schema.prepare(server, db, project, OWNER)
        with server.connect(db) as connection:
            connection.execute(
                "insert into auth.users (id) values ('00000000-0000-4000-8000-000000000001')"
            )
        with server.connect(db, OWNER) as connection:
            connection.execute(sql.encode())
        return server, db

    return adopt


def accept(server: Server, db: str, schemas: str) -> None:
    with server.connect(db) as connection:
        connection.execute(
            f"alter database \"{db}\" set ratebook.accept_reachable = '{schemas}'".encode()
        )


@pytest.mark.parametrize("name", ADOPTERS)
def test_a_project_takes_ratebook_and_loses_it_again(
    name: str, adopt: Adopt, project: Project, push: Push
) -> None:
    server, db = adopt(ADOPTERS[name])
    before = dump(server, db)
    assert any(line.startswith("INSERT INTO ") for line in before)

    done = push(server, db, project, OWNER)
    assert done.returncode == 0, done.stderr
    report = migrations.check(server.dsn(db, OWNER))
    assert (report.is_up_to_date, report.differences) == (True, [])
    with server.connect(db, OWNER) as connection:
        assert connection.execute("select ai.ratebook_version()").fetchone() == ("0.1.0",)
    assert_beside_each_other(entries(before), entries(dump(server, db)))

    gone = migrations.down(server.dsn(db, OWNER))
    assert [migration.version for migration in gone] == sorted(
        (file.name[:14] for file in project.migration_files()), reverse=True
    )
    assert dump(server, db) == before
    # A second time there is nothing to do.
    assert migrations.down(server.dsn(db, OWNER)) == []
    assert dump(server, db) == before


def test_what_api_roles_may_do_in_a_schema_of_the_project_is_told(
    adopt: Adopt, project: Project, push: Push
) -> None:
    """CREATE is a difference where it came later, and USAGE where it went; what others have there is the project's."""
    server, db = adopt(
        ADOPTERS["credits"] + "create schema media; grant create on schema media to service_role;"
        "alter default privileges grant all on schemas to anon, authenticator;"
    )
    with server.connect(db) as connection:
        connection.execute('create role "my app"')
    with server.connect(db, OWNER) as connection:
        connection.execute('alter default privileges grant select on tables to "my app"')
    before = dump(server, db)
    assert push(server, db, project, OWNER).returncode == 0
    assert migrations.check(server.dsn(db, OWNER)).differences == []
    with server.connect(db, OWNER) as connection:
        connection.execute(
            "revoke usage on schema ai from public; grant create on schema ai, media to authenticated;"
            "grant create on schema ai to authenticator"
        )
    assert migrations.check(server.dsn(db, OWNER)).differences == [
        "privileges schema ai: anon has nothing, the migrations gave usage",
        "privileges schema ai: authenticated has create, the migrations gave usage",
        "privileges schema ai: service_role has nothing, the migrations gave usage",
        "privileges schema media: authenticated has create+usage, the migrations gave usage",
    ]
    with server.connect(db, OWNER) as connection:
        connection.execute(
            "grant usage on schema ai to public; revoke create on schema ai, media from authenticated;"
            "revoke create on schema ai from authenticator"
        )
    migrations.down(server.dsn(db, OWNER))
    assert dump(server, db) == before
    with server.connect(db) as connection:
        connection.execute('drop owned by "my app"')
        connection.execute('drop role "my app"')


@pytest.mark.parametrize("name", CLASHING)
def test_what_is_in_the_way_is_named_at_once_and_nothing_is_changed(
    name: str, adopt: Adopt, project: Project, push: Push
) -> None:
    sql, expected = CLASHING[name]
    server, db = adopt(sql)
    before = dump(server, db)
    done = push(server, db, project, OWNER)
    assert done.returncode != 0
    said = re.search(
        r"objects by the names of Ratebook's: (.*?)\. Rename them.* \(SQLSTATE 42710\)",
        done.stderr,
    )
    assert said, done.stderr
    assert sorted(said[1].split(", ")) == expected
    assert dump(server, db) == before

    obstacles = migrations.check(server.dsn(db, OWNER)).obstacles
    assert (
        sorted(
            one.what + ("" if one.module == "core" else f" (module {one.module})")
            for one in obstacles
            if one.problem == "clash"
        )
        == expected
    )


@pytest.mark.compat
def test_a_clash_of_compat_alone_lets_the_core_in(
    adopt: Adopt, project: Project, push: Push
) -> None:
    server, db = adopt("create schema compat; create table compat.jobs (id integer);")
    accept(server, db, "compat")
    done = push(server, db, project, OWNER)
    assert done.returncode != 0
    assert "objects by the names of Ratebook's: table compat.jobs. Rename them" in done.stderr
    with server.connect(db) as connection:
        assert connection.execute(
            "select to_regclass('billing.charges')::text, to_regclass('compat.api_models')::text"
        ).fetchone() == ("billing.charges", None)


def test_what_becomes_reachable_must_be_accepted(
    adopt: Adopt, project: Project, push: Push
) -> None:
    server, db = adopt(
        ADOPTERS["content"] + "create schema billing; create table billing.bills (id int);"
    )
    before = dump(server, db)
    reachable = "table content.posts (service_role)"
    done = push(server, db, project, OWNER)
    assert "may use the schemas that Ratebook shares, and so they would reach: " not in done.stderr
    assert done.returncode == 0, "what service_role has usage on already is nothing new"
    migrations.down(server.dsn(db, OWNER))
    assert dump(server, db) == before

    with server.connect(db, OWNER) as connection:
        connection.execute("grant select on content.posts to anon")
        connection.execute(
            "create function content.all_titles() returns text language sql as 'select 1'"
        )
    before = dump(server, db)
    done = push(server, db, project, OWNER)
    assert done.returncode != 0
    assert (
        "so they would reach: function content.all_titles() (anon, authenticated), table content.posts (anon). Revoke"
        in done.stderr
    )
    assert "set ratebook.accept_reachable = 'content'" in done.stderr
    assert dump(server, db) == before
    assert [one.what for one in migrations.check(server.dsn(db, OWNER)).obstacles] == [
        "function content.all_titles() (anon, authenticated)",
        "table content.posts (anon)",
    ]
    assert reachable not in done.stderr

    # Where the role may not set it for the database, the address can: that is all that a hosted project needs.
    with (
        server.connect(db, OWNER) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(
            f"alter database \"{db}\" set ratebook.accept_reachable = 'content'".encode()
        )
    accept(server, db, "content")
    assert push(server, db, project, OWNER).returncode == 0
    with server.connect(db) as connection:
        assert connection.execute(
            "select has_schema_privilege('anon', 'content', 'usage')"
        ).fetchone() == (True,)


def test_the_address_can_accept_too(adopt: Adopt, project: Project) -> None:
    server, db = adopt(ADOPTERS["content"] + "grant select on content.posts to anon;")
    address = server.dsn(db, OWNER)
    for option, code in (
        ("", 1),
        ("&options=-c%20ratebook.accept_reachable%3Dcontent", 0),
    ):
        done = supabase(["db", "push", "--yes"], workdir=project.root, database=address + option)
        assert done.returncode == code, done.stderr


def test_a_schema_of_somebody_else_is_named(adopt: Adopt, project: Project, push: Push) -> None:
    server, db = adopt("select 1")
    with server.connect(db) as connection:
        connection.execute("create schema media")
    done = push(server, db, project, OWNER)
    assert done.returncode != 0
    assert f"{OWNER} may not create objects in, or let others use: schema media." in done.stderr


# The way back


STANDING = """
create schema mine;
create view mine.spent as select lenser_id, posted from billing.accounts;
create table mine.notes (model_id uuid references ai.models (id), tier ai.model_tier_enum);
create function mine.price(p_model ai.models) returns numeric language sql as 'select 1.0';
create table ai.chats (id integer primary key);
create function mine.note() returns trigger language plpgsql as 'begin return new; end';
create trigger note after insert on billing.outbox for each row execute function mine.note();
create policy models_see_more on ai.models for select to authenticated using (true);
create index my_index on ai.models (version);
create table mine.plans (tiers ai.model_tier_enum[]);
create function mine.total(p_models ai.models[]) returns numeric language sql as 'select 1.0';
create rule kept as on delete to ai.features do instead nothing;
create publication shown for table billing.outbox;
"""


def test_what_the_project_has_standing_on_it_is_named_and_refuses(
    new_pushed_database: NewPushedDatabase,
) -> None:
    server, db = new_pushed_database(18, SUPERUSER)
    with server.connect(db) as connection:
        connection.execute(STANDING)
    before = dump(server, db)
    with pytest.raises(RatebookError, match="nothing was changed") as raised:
        migrations.down(server.dsn(db))
    assert raised.value.details.splitlines() == [
        "function mine.price(ai.models)",
        "function mine.total(ai.models[])",
        "index ai.my_index",
        "policy models_see_more on table ai.models",
        "publication of table billing.outbox in publication shown",
        "rule kept on table ai.features",
        "table ai.chats",
        "table mine.notes",
        "table mine.plans",
        "trigger note on table billing.outbox",
        "view mine.spent",
    ]
    assert dump(server, db) == before
    # A DBA who runs the file by hand gets the same from the database.
    file = migrations.packaged()[-2].path.parent / "down" / "20261121060000_create_wallet.sql"
    with (
        server.connect(db) as connection,
        pytest.raises(psycopg.errors.Error) as refused,
    ):
        connection.execute(file.read_bytes())
    assert refused.value.sqlstate == "2BP01"


def test_detached_months_are_named_and_refuse(
    new_pushed_database: NewPushedDatabase,
) -> None:
    server, db = new_pushed_database(18, SUPERUSER)
    with server.connect(db) as connection:
        connection.execute("create table ratebook.ai_generations_2020_01 (like ai.generations)")
    before = snapshot.of_server(server, db)
    with pytest.raises(RatebookError, match="nothing was changed") as raised:
        migrations.down(server.dsn(db))
    assert raised.value.details == "ratebook.ai_generations_2020_01 (a month that was detached)"
    assert snapshot.of_server(server, db) == before
    file = migrations.packaged()[-1].path
    with (
        server.connect(db) as connection,
        pytest.raises(psycopg.errors.Error, match="stand detached"),
    ):
        connection.execute((file.parent / "down" / file.name).read_bytes())
    assert snapshot.of_server(server, db) == before


def test_down_files_never_cascade(project: Project) -> None:
    files = list(project.down.glob("*.sql"))
    assert len(files) == len(list(project.migrations.glob("*.sql")))
    for file in files:
        assert not re.search(r"\bcascade\b", file.read_text(), re.IGNORECASE)


def test_the_keys_to_users_go_alone_and_first(project: Project) -> None:
    newest = project.migration_files()[-1].name
    assert newest.endswith("_reference_auth_users.sql")
    for file in [*project.migration_files(), *project.down.glob("*.sql")]:
        keys = re.findall(r"(?:references auth|drop constraint \w+_user_id_fkey)", file.read_text())
        assert len(keys) == (2 if file.name == newest else 0), file


# Modules


def test_without_its_modules_the_core_is_the_same(
    server_of: StartServer, new_database: NewDatabase, project: Project
) -> None:
    server = server_of(18)
    db = new_database(server)
    schema.prepare(server, db, project)
    report = migrations.apply(server.dsn(db), without=["compat", "execution"])
    assert {migration.module for migration in report.missing} == {"core"}
    report = migrations.check(server.dsn(db))
    assert (report.is_up_to_date, report.differences) == (True, [])
    assert sorted(report.left_out) == ["compat", "execution"]
    with server.connect(db) as connection:
        assert connection.execute(
            "select to_regnamespace('compat'), to_regnamespace('execution')"
        ).fetchone() == (None, None)
        standing = connection.execute(
            "select d.kind, d.name, d.state from ratebook.describe("
            "'{ai,billing,lensers,content,media,ratebook}') as d"
        ).fetchall()
    assert sorted(standing) == sorted(
        (thing["kind"], thing["name"], thing["state"])
        for thing in modules.manifests()["core"]["objects"]
    )

    assert migrations.apply(server.dsn(db)).missing == []
    # In the other order too: neither knows of the other.
    for module in ("compat", "execution"):
        added = migrations.apply(server.dsn(db), add=[module])
        assert [migration.name for migration in added.missing] == [f"create_{module}"]
    report = migrations.check(server.dsn(db))
    assert (report.is_up_to_date, report.left_out, report.differences) == (True, [], [])
    assert len(migrations.down(server.dsn(db))) == len(migrations.packaged())


@pytest.mark.parametrize("module", ["compat", "execution"])
def test_nothing_else_knows_of_a_module(module: str) -> None:
    manifests = modules.manifests()
    optional = {(thing["kind"], thing["name"]) for thing in manifests[module]["objects"]}
    assert len(optional) > 100
    for name in manifests.keys() - {module}:
        for thing in manifests[name]["objects"]:
            assert not {tuple(need) for need in thing["needs"]} & optional, thing["name"]


@pytest.mark.parametrize("name", ["core", "nonsense"])
def test_only_a_module_can_be_left_out(name: str) -> None:
    with pytest.raises(RatebookError, match=r"can be left out: these are compat, execution"):
        migrations.packaged([name])


# A database that is not what its migrations made


def reworded(function: str, old: str, new: str) -> str:
    """The statement that puts `new` in the place of `old` in a function's source."""
    return f"""
        do $reword$
        declare
          v_source text := pg_get_functiondef('{function}'::regproc);
        begin
          assert position($${old}$$ in v_source) > 0;
          execute replace(v_source, $${old}$$, $${new}$$);
        end
        $reword$"""


CHANGES = [
    (
        "create or replace function ratebook.uuid_v7_floor(p_at timestamptz) returns uuid"
        " language sql immutable as 'select null::uuid'",
        "function ratebook.uuid_v7_floor(p_at timestamp with time zone): was changed",
    ),
    (
        "alter function ai.find_model(text) security definer",
        "function ai.find_model(model text): was changed",
    ),
    (
        "drop policy generations_delete_own on ai.generations",
        "policy generations_delete_own on ai.generations: is missing",
    ),
    (
        "create policy open on ai.models for select to anon using (true)",
        "policy open on ai.models: is not Ratebook's",
    ),
    (
        'create policy "open on Sundays" on ai.models for select to anon using (true)',
        'policy "open on Sundays" on ai.models: is not Ratebook\'s',
    ),
    (
        "grant select on billing.credit_rates to anon",
        "privileges billing.credit_rates: anon has select, the migrations gave nothing",
    ),
    (
        "revoke select on ai.models from anon",
        "privileges ai.models: anon has nothing, the migrations gave select",
    ),
    (
        "alter table billing.charges disable row level security",
        "table billing.charges: was changed",
    ),
    (
        "alter table lensers.audit_history disable trigger audit_history_refuse_change",
        "trigger audit_history_refuse_change on lensers.audit_history: was changed",
    ),
    (
        "alter table ai.models alter column priority set default 5",
        "table ai.models: was changed",
    ),
    (
        'alter table ai.features alter column description type text collate "C"',
        "table ai.features: was changed",
    ),
    # What reads almost the same.
    (
        reworded("ratebook.credits", "(1 + p_margin)", "1 + p_margin"),
        "function ratebook.credits(p_cost numeric, p_credits_per_currency_unit numeric, p_margin numeric,"
        " p_fixed_credits numeric, p_min_credits numeric, p_minimum_applies_to_free boolean,"
        " p_increment numeric): was changed",
    ),
    (
        reworded(
            "ratebook.require_privileged",
            "ratebook.is_privileged()",
            "public.is_privileged()",
        ),
        "function ratebook.require_privileged(): was changed",
    ),
    (
        reworded(
            "ratebook.assert_privileged",
            "admins and the service role",
            "(admins) and  the service role",
        ),
        "function ratebook.assert_privileged(): was changed",
    ),
    (
        "create function public.uid() returns uuid language sql as 'select null::uuid';"
        "alter policy generations_insert_own on ai.generations with check (lenser_id = (select public.uid()))",
        "policy generations_insert_own on ai.generations: was changed",
    ),
    (
        "alter policy generations_select_own on ai.generations using (lenser_id = (select auth.uid()))",
        "policy generations_select_own on ai.generations: was changed",
    ),
    # What opens the inside, or hands it on.
    (
        "grant usage, create on schema ratebook to anon",
        "privileges schema ratebook: anon has create+usage, the migrations gave nothing",
    ),
    (
        "grant create on schema billing to authenticated",
        "privileges schema billing: authenticated has create+usage, the migrations gave usage",
    ),
    (
        "grant select on ai.features to anon with grant option",
        "privileges ai.features: anon has select*, the migrations gave select",
    ),
    (
        "alter function ratebook.stamp() owner to authenticator",
        "function ratebook.stamp(): belongs to authenticator, the rest to postgres",
    ),
    (
        "alter table ai.service_tiers owner to authenticator",
        "table ai.service_tiers: belongs to authenticator, the rest to postgres",
    ),
    # What takes the place of something.
    (
        "create function ai.find_model(text, integer) returns text language sql as 'select null'",
        "function ai.find_model(text, integer): is not Ratebook's",
    ),
    (
        "create function ratebook.fail(text) returns void language sql as ''",
        "function ratebook.fail(text): is not Ratebook's",
    ),
    (
        "create rule kept as on delete to ai.providers do instead nothing",
        "rule kept on ai.providers: is not Ratebook's",
    ),
]


VERSIONS_TOLD = {
    "postgres": "0.1.0+changed",
    "service_role": "0.1.0+changed",
    "authenticated": "0.1.0",
    "anon": "0.1.0",
}


@pytest.mark.parametrize("version", [15, 18])
def test_what_was_changed_is_named(new_pushed_database: NewPushedDatabase, version: int) -> None:
    server, db = new_pushed_database(version, SUPERUSER)
    with server.connect(db) as connection:
        for change, _ in CHANGES:
            connection.execute(change.encode())
        # To look takes time, and what differs is nothing to others.
        for role, said in VERSIONS_TOLD.items():
            connection.execute(f"set role {role}".encode())
            assert connection.execute("select ai.ratebook_version()").fetchone() == (said,)
        connection.execute("reset role")
        assert connection.execute(
            "select severity from ai.self_check() where check_name = 'as_migrated'"
        ).fetchone() == ("error",)
    report = migrations.check(server.dsn(db))
    assert not report.is_up_to_date
    assert sorted(report.differences) == sorted(said for _, said in CHANGES)


def test_a_broad_grant_is_named_once(new_pushed_database: NewPushedDatabase) -> None:
    server, db = new_pushed_database(18, SUPERUSER)
    with server.connect(db) as connection:
        connection.execute("grant all on all tables in schema billing to authenticated")
    (said,) = migrations.check(server.dsn(db)).differences
    assert re.fullmatch(
        r"privileges authenticated: has other privileges than the migrations gave on \d\d objects,"
        r" billing\.\w+ among them: a grant on all of them\?",
        said,
    )


def test_an_earlier_state_of_the_same_files_is_named(
    server_of: StartServer, new_database: NewDatabase, copy: Project, push: Push
) -> None:
    server = server_of(18)
    db = new_database(server)
    schema.prepare(server, db, copy)
    file = copy.migrations / "20261121030000_create_media.sql"
    text = file.read_text()
    earlier = text.replace("  byte_size bigint,\n", "  byte_size integer,\n")
    state = re.search(r"\('table', 'media\.objects', '(\w+)'\)", text)
    assert state
    assert earlier != text
    file.write_text(earlier.replace(state[1], "0" * 32))
    assert push(server, db, copy, SUPERUSER).returncode == 0
    report = migrations.check(server.dsn(db))
    assert (report.missing, report.is_up_to_date) == ([], False)
    assert "table media.objects: made from an earlier state of the migrations" in report.differences


def test_a_changed_database_that_lacks_a_migration_is_told_both(
    server_of: StartServer, new_database: NewDatabase, copy: Project, push: Push
) -> None:
    server = server_of(18)
    db = new_database(server)
    schema.prepare(server, db, copy)
    copy.migration_files()[-1].unlink()
    assert push(server, db, copy, SUPERUSER).returncode == 0
    report = migrations.check(server.dsn(db))
    assert [migration.name for migration in report.missing] == ["reference_auth_users"]
    assert report.differences == []
    with server.connect(db) as connection:
        connection.execute("alter function ai.find_model(text) security definer")
        connection.execute(
            "update ratebook.manifest set state = 'x' where (kind, name) = ('table', 'media.objects')"
        )
    assert migrations.check(server.dsn(db)).differences == [
        "table media.objects: made from an earlier state of the migrations",
        "function ai.find_model(model text): was changed",
        "table media.objects: was changed",
    ]
    # What a later migration changes, a database that lacks it has in the state before: that is no earlier state.
    stamps = [migration.version for migration in report.applied]
    with server.connect(db) as connection:
        assert modules.differences(connection, stamps, ["20990101000000"]) == [
            "function ai.find_model(model text): was changed",
            "table media.objects: was changed",
        ]


@pytest.mark.parametrize(("version", "target"), [(15, 15), (15, 18), (18, 18)])
def test_a_restored_database_is_no_other(
    server_of: StartServer,
    new_database: NewDatabase,
    new_pushed_database: NewPushedDatabase,
    version: int,
    target: int,
) -> None:
    server, db = new_pushed_database(version, SUPERUSER)
    done = subprocess.run(
        [server.bin("pg_dump"), server.dsn(db)],
        capture_output=True,
        text=True,
        check=True,
        env=clean_environment(),
    )
    # Supabase's own dump leaves out every line that begins so, those of bodies too.
    lines = [line for line in done.stdout.splitlines(True) if not line.startswith("--")]
    server = server_of(target)
    # The roles are there once anything is.
    new_pushed_database(target, SUPERUSER)
    copy = new_database(server)
    subprocess.run(
        [server.bin("psql"), "-Xq", "-v", "ON_ERROR_STOP=1", "-d", server.dsn(copy)],
        input="".join(lines),
        capture_output=True,
        text=True,
        check=True,
        env=clean_environment(),
    )
    report = migrations.check(server.dsn(copy))
    assert (report.is_up_to_date, report.differences) == (True, [])


def test_what_a_session_prefers_is_no_difference(
    new_pushed_database: NewPushedDatabase,
) -> None:
    server, db = new_pushed_database(18, SUPERUSER)
    with server.connect(db) as connection:
        connection.execute(
            "set intervalstyle = 'iso_8601'; set timezone = 'Asia/Tokyo'; set datestyle = 'German';"
            "set quote_all_identifiers = on; set extra_float_digits = 0; set search_path = ratebook, billing, ai"
        )
        assert connection.execute("select * from ratebook.differences()").fetchall() == []


def test_what_a_project_adds_is_no_difference(
    new_pushed_database: NewPushedDatabase,
) -> None:
    """A webhook's trigger on the outbox, a table beside ours, an index."""
    server, db = new_pushed_database(18, SUPERUSER)
    with server.connect(db) as connection:
        connection.execute(
            "create function public.hook() returns trigger language plpgsql as 'begin return new; end';"
            "create trigger hook after insert on billing.outbox for each row execute function public.hook();"
            "create table ai.chats (id integer primary key);"
            "create index my_index on ai.models (version);"
            "create publication all_tables for table billing.outbox"
        )
    assert migrations.check(server.dsn(db)).differences == []


# Locks on the platform's tables


def test_only_the_last_file_locks_the_users(
    server_of: StartServer, new_database: NewDatabase, project: Project
) -> None:
    server = server_of(18)
    db = new_database(server)
    schema.prepare(server, db, project)
    up = {file.name: file for file in project.migration_files()}
    down = {name: project.down / name for name in up}
    for files in (up, dict(sorted(down.items(), reverse=True))):
        taken = {}
        for name, file in files.items():
            with server.connect(db) as connection, connection.transaction():
                connection.execute(file.read_bytes())
                taken[name] = {
                    mode
                    for (mode,) in connection.execute(
                        "select mode from pg_locks where pid = pg_backend_pid() and relation = 'auth.users'::regclass"
                    ).fetchall()
                } - {"AccessShareLock"}
        keys = taken.pop("20261121090900_reference_auth_users.sql")
        assert keys, "a foreign key locks what it points to"
        assert set().union(*taken.values()) == set()


def test_the_keys_wait_for_nobody(
    server_of: StartServer, new_database: NewDatabase, project: Project
) -> None:
    """While somebody holds auth.users, others sign up past the migration that waits for its turn."""
    server = server_of(18)
    db = new_database(server)
    schema.prepare(server, db, project)
    *files, last = project.migration_files()
    for file in files:
        schema.apply(server, db, project, [file], SUPERUSER)
    with server.connect(db) as holder, server.connect(db) as other:
        holder.execute("begin")
        holder.execute("insert into auth.users (id) values (gen_random_uuid())")
        command: list[str | Path] = [
            server.bin("psql"),
            "-Xq1",
            "-v",
            "ON_ERROR_STOP=1",
            "-d",
            server.dsn(db),
            "-f",
            last,
        ]
        with subprocess.Popen(command, env=clean_environment()) as migration:
            # Its lock is asked for and given up, again and again; a sign-up in between always comes through.
            other.execute("set lock_timeout = '5s'")
            for _ in range(20):
                other.execute("insert into auth.users (id) values (gen_random_uuid())")
            assert migration.poll() is None
            holder.execute("commit")
            assert migration.wait(timeout=60) == 0
    with server.connect(db) as connection:
        assert connection.execute(
            "select count(*) from pg_constraint where confrelid = 'auth.users'::regclass"
        ).fetchone() == (2,)
