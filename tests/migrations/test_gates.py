"""Each gate passes on the repository as it is, and fails when it should: on copies that a test spoils."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.migrations.conftest import NewDatabase, Output, StartServer, copy_to
from tests.modules import WITHOUT
from tools import bodies, comments, drift, hashes, lint_db, manifest, migration, order, schema
from tools.project import REPOSITORY, Project, ToolError

FIRST = "20261121010000_create_platform.sql"


@pytest.fixture
def project() -> Project:
    """The repository with all its modules: whichever are left out, the gates are asked about all."""
    return Project(REPOSITORY)


@pytest.fixture
def copy(tmp_path: Path) -> Project:
    return copy_to(tmp_path, without=())


def at(project: Project) -> list[str]:
    return ["--root", str(project.root)]


def replace_once(file: Path, pattern: str, replacement: str) -> None:
    """Change exactly one place of a file, or fail: a gate must not pass because nothing was spoilt."""
    text, count = re.subn(pattern, replacement, file.read_text(), count=1, flags=re.MULTILINE)
    assert count == 1, f"{pattern} is not in {file}"
    file.write_text(text)


def sql_file(project: Project, definition: str) -> Path:
    """The file of sql/ that holds a definition."""
    (found,) = [
        file for file in (project.root / "sql").rglob("*.sql") if definition in file.read_text()
    ]
    return found


def tag_release(project: Project, tag: str) -> None:
    """Make the copy a repository with a release."""
    git = ["git", "-C", str(project.root), "-c", "user.name=t", "-c", "user.email=t@example.com"]
    subprocess.run([*git, "init", "--quiet"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--allow-empty", "-m", "release"], check=True)
    subprocess.run([*git, "tag", tag], check=True)


# Drift


def test_truth_and_history_are_identical_for_an_owner_on_15(
    project: Project, capsys: Output
) -> None:
    # `make drift` asks the same of 18, as the superuser.
    part = [option for module in WITHOUT for option in ("--without", module)]
    assert drift.main([*at(project), *part, "--postgres", "15", "--owner", schema.OWNER]) == 0
    found = re.fullmatch(r"identical: (\d+) objects\n", capsys.readouterr().out)
    assert found is not None
    assert int(found[1]) > 500


def test_drift_sees_what_was_changed(copy: Project, capsys: Output) -> None:
    """A grant taken out of a policy's file, another volatility, a comment less, a reference row less: each is named."""
    replace_once(
        copy.root / "policies" / "ai.models.sql", r"^grant select on ai\.models to anon;\n", ""
    )
    file = sql_file(copy, "create function ratebook.source_hash(")
    replace_once(file, r"^language sql immutable", "language sql stable")
    file = sql_file(copy, "comment on column ai.models.priority is")
    replace_once(file, r"^comment on column ai\.models\.priority is[^;]*;\n", "")
    (copy.root / "sql" / "zz_change.sql").write_text("delete from ai.meters where key = 'image';\n")
    assert drift.main(at(copy)) == 1
    output = capsys.readouterr().out
    lines = output.splitlines()
    assert "-relation ai.models: grant select to anon" in lines
    assert "-GRANT SELECT ON TABLE ai.models TO anon;" in lines
    assert "-function ratebook.source_hash(text): sql, immutable, " in output
    assert "+function ratebook.source_hash(text): sql, stable, " in output
    assert "\n-COMMENT ON COLUMN ai.models.priority IS " in output
    assert re.search(r'^-row of ai\.meters: .*"key": "image"', output, re.MULTILINE)
    removed = [line for line in lines if re.match(r"-[^-]", line)]
    assert len(removed) == 6, "and nothing else"


def test_drift_sees_a_manifest_that_tells_something_else(copy: Project, capsys: Output) -> None:
    file = copy.migrations / "20261121030000_create_media.sql"
    replace_once(
        file, r"^  \('table', 'media\.objects', '\w{6}", "  ('table', 'media.objects', '000000"
    )
    assert drift.main(at(copy)) == 1
    assert "table media.objects was changed\n" in capsys.readouterr().out


def test_a_stale_manifest_is_named(copy: Project, capsys: Output) -> None:
    assert manifest.main(at(copy)) == 0
    assert re.fullmatch(r"manifests: \d{4} objects\n", capsys.readouterr().out)
    file = sql_file(copy, "create function ratebook.source_hash(")
    replace_once(file, r"^language sql immutable", "language sql stable")
    assert manifest.main(at(copy)) == 1
    assert capsys.readouterr().out == "migrations/manifests/core.json is stale\n"


def test_a_domain_that_changes_another_ones_object_is_refused(copy: Project) -> None:
    with sql_file(copy, "create view compat.jobs").open("a") as file:
        file.write("alter table ai.models alter column name drop not null;\n")
    with pytest.raises(
        ToolError, match=r"^sql/90_compat changes table ai\.models, which sql/40_registry makes"
    ):
        manifest.main(at(copy))


# Order


def test_the_files_read_downwards(project: Project, capsys: Output) -> None:
    assert order.main(at(project)) == 0
    assert re.fullmatch(r"in order: \d{3} files, \d+ exceptions\n", capsys.readouterr().out)


@pytest.mark.parametrize(
    ("code", "seen"),
    [
        ("select billing.quote('m', '{}');", True),
        ("perform ratebook.keep('billing.quote');", True),
        ("select 'The price is billing.quote() of it.';", False),
        ("-- see billing.quote()", False),
        ("comment on table ai.features is\n'Priced by billing.quote(), it''s said.';", False),
    ],
)
def test_a_name_of_a_later_file_is_seen_in_code_alone(
    copy: Project, capsys: Output, code: str, seen: bool
) -> None:
    file = sql_file(copy, "create table ai.features")
    file.write_text(f"{file.read_text()}\n{code}\n")
    assert order.main(at(copy)) == int(seen)
    said = f"{copy.relative(file)} names billing.quote, which sql/55_credits/"
    assert (said in capsys.readouterr().out) == seen


# Bodies


def test_long_bodies_have_their_sentences(project: Project, capsys: Output) -> None:
    assert bodies.main(at(project)) == 0
    assert re.fullmatch(
        r"commented: [1-9]\d bodies of more than 60 lines\n", capsys.readouterr().out
    )


@pytest.mark.parametrize("form", ["as $$\n{}\n$$;", "begin atomic\n{}\nend;", "return\n{};"])
@pytest.mark.parametrize(
    ("lines", "said"),
    [
        # Long without a comment; with one behind 25 lines of code; behind 26; not long.
        (["a"] * 61, ["1: 61"]),
        ((["a"] * 25 + ["  -- Why."]) * 2 + [""] * 10, []),
        ((["a"] * 26 + ["  -- Why."]) * 2 + [""] * 10, ["1: 26", "28: 26"]),
        (["a"] * 59, []),
        # Behind code a comment is about its line. Blank lines are no code.
        (["a -- This."] * 61, ["1: 61"]),
        (["a"] * 25 + [""] * 36, []),
    ],
)
def test_a_long_stretch_of_a_long_body_is_named(
    form: str, lines: list[str], said: list[str]
) -> None:
    text = f"create function a.f() returns int\nlanguage sql\n{form.format(chr(10).join(lines))}\n"
    # The head of the function has two lines, and the line that opens its body.
    first = 4
    expected = []
    for place in said:
        line, length = place.split(": ")
        expected.append(f"f.sql:{int(line) + first - 1}: {length} lines of code without a comment")
    assert [found.split(" in ")[0] for found in bodies.problems("f.sql", text)] == expected


def test_a_long_body_that_lost_its_sentences_fails(copy: Project, capsys: Output) -> None:
    file = sql_file(copy, "create function ratebook.pay_in_general(")
    file.write_text(re.sub(r"^ +--.*\n", "", file.read_text(), flags=re.MULTILINE))
    assert bodies.main(at(copy)) == 1
    assert (
        " lines of code without a comment in ratebook.pay_in_general, " in capsys.readouterr().out
    )


# Hashes


@pytest.fixture
def recorded(copy: Project) -> Project:
    """A copy whose hashes are right, with a migration and a down file to spoil."""
    assert hashes.main([*at(copy), "--check"]) == 0
    return copy


def test_recorded_hashes_are_right(project: Project, capsys: Output) -> None:
    assert hashes.main([*at(project), "--check"]) == 0
    assert re.fullmatch(r"unchanged: [1-9]\d* files\n", capsys.readouterr().out)


def test_the_sum_file_is_what_sha256sum_checks(project: Project) -> None:
    sha256sum = shutil.which("sha256sum")
    if sha256sum is None:
        pytest.skip("sha256sum is not on this system")
    subprocess.run(
        [sha256sum, "--check", "--quiet", "migrations.sum"], cwd=project.migrations, check=True
    )


@pytest.mark.parametrize("folder", ["", "down/"])
def test_an_edited_file_is_named(recorded: Project, capsys: Output, folder: str) -> None:
    capsys.readouterr()
    with (recorded.migrations / folder / FIRST).open("a") as file:
        file.write("-- harmless\n")
    assert hashes.main([*at(recorded), "--check"]) == 1
    assert capsys.readouterr().out == (
        f"migrations/{folder}{FIRST} was changed after it was recorded.\n"
    )


def test_a_missing_file_is_named(recorded: Project, capsys: Output) -> None:
    capsys.readouterr()
    (recorded.down / FIRST).unlink()
    assert hashes.main([*at(recorded), "--check"]) == 1
    assert capsys.readouterr().out == (
        f"migrations/{FIRST} has no down file migrations/down/{FIRST}.\n"
        f"migrations/down/{FIRST} is recorded, but missing.\n"
    )


def test_an_unlisted_file_is_named_until_it_is_recorded(recorded: Project, capsys: Output) -> None:
    name = "20990101000000_add_wishes.sql"
    for folder in (recorded.migrations, recorded.down):
        (folder / name).write_text("select 1;\n")
    capsys.readouterr()
    assert hashes.main([*at(recorded), "--check"]) == 1
    assert capsys.readouterr().out == (
        f"migrations/{name} is not in migrations.sum.\n"
        f"migrations/down/{name} is not in migrations.sum.\n"
    )
    assert hashes.main([*at(recorded), "--update"]) == 0
    assert capsys.readouterr().out == f"added {name}\nadded down/{name}\n"
    assert hashes.main([*at(recorded), "--check"]) == 0


def test_a_changed_migration_can_be_recorded_again_only_before_a_release(recorded: Project) -> None:
    for word in ("one", "two"):
        (recorded.migrations / FIRST).write_text(f"-- {word}\n")
        if word == "one":
            assert hashes.update(recorded) == [f"rewrote {FIRST}"]
            tag_release(recorded, "v0.1.0")
    with pytest.raises(
        ToolError, match=rf"^migrations/{FIRST} was changed .* v0\.1\.0 is released"
    ):
        hashes.update(recorded)
    assert hashes.main([*at(recorded), "--check"]) == 1


# Comments


def test_a_missing_comment_is_named(copy: Project, capsys: Output) -> None:
    file = sql_file(copy, "comment on column ai.models.priority is")
    replace_once(file, r"^comment on column ai\.models\.priority is[^;]*;\n", "")
    assert comments.main(at(copy)) == 1
    assert capsys.readouterr().out == "column ai.models.priority has no comment\n"


def test_every_kind_of_object_needs_a_comment(
    server_of: StartServer, new_database: NewDatabase
) -> None:
    server = server_of(18)
    db = new_database(server)
    with server.connect(db) as connection:
        connection.execute("""
          create schema toy;
          create table toy.logs (at date) partition by range (at);
          create table toy.logs_2026 partition of toy.logs for values from ('2026-01-01') to ('2027-01-01');
          create view toy.days as select at from toy.logs;
          create materialized view toy.months as select at from toy.logs;
          create type toy.mood as enum ('good');
          create type toy.pair as (a integer);
          create type toy.span as range (subtype = date);
          create domain toy.short as text;
          create function toy.one() returns integer language sql as 'select 1';
          create procedure toy.nothing() language sql as '';
          create type public.kind as enum ('a');
          create schema auth create table users (id integer);
          comment on type toy.mood is '';
          comment on view toy.days is 'Days.';
        """)
    missing, total = comments.survey(server.dsn(db))
    assert missing == [
        "column toy.days.at",
        "column toy.logs.at",
        "column toy.months.at",
        "column toy.pair.a",
        "domain toy.short",
        "function toy.one()",
        "materialized view toy.months",
        "procedure toy.nothing()",
        "schema toy",
        "table toy.logs",
        "type public.kind",
        "type toy.mood",
        "type toy.pair",
        "type toy.span",
    ]
    assert total == 15


# Drafting and squashing


@pytest.mark.parametrize(
    "name", ["", "Add_x", "add", "add-x", "add x", "1_add_x", "add__x", "add_x_", "../add_x"]
)
def test_a_bad_name_is_refused(name: str) -> None:
    with pytest.raises(
        ToolError, match=r"use verb_object in snake_case, such as add_model_tags\.$"
    ):
        migration.check_name(name)


@pytest.mark.parametrize("name", ["add_x", "rename_model_family", "seed_2027_prices"])
def test_a_good_name_is_taken(name: str) -> None:
    assert migration.check_name(name) == name


def test_without_a_change_there_is_no_draft(copy: Project, capsys: Output) -> None:
    before = sorted(copy.migrations.rglob("*"))
    assert migration.main([*at(copy), "add_x"]) == 0
    assert capsys.readouterr().out.startswith("Nothing changed: ")
    assert sorted(copy.migrations.rglob("*")) == before


def test_a_change_is_drafted_with_its_way_back(copy: Project, capsys: Output) -> None:
    (copy.root / "sql" / "40_registry" / "900_table_wishes.sql").write_text(
        "create table ai.wishes (id integer primary key);\n"
        "comment on table ai.wishes is 'Wishes.';\n"
        "alter table ai.wishes enable row level security;\n"
        "grant select on ai.wishes to authenticated;\n"
    )
    assert migration.main([*at(copy), "add_wishes"]) == 0
    said = capsys.readouterr().out
    assert "The draft leads to exactly what sql/ and policies/ say." in said
    (there,) = copy.migrations.glob("*_add_wishes.sql")
    assert re.fullmatch(r"\d{14}_add_wishes\.sql", there.name)
    assert there.name > copy.migration_files()[0].name
    assert re.search(r'DROP TABLE "?ai"?\."?wishes', (copy.down / there.name).read_text())
    assert "('core', '40_registry', 'table', 'ai.wishes', '" in there.read_text()
    assert "  ('table', 'ai.wishes')" in (copy.down / there.name).read_text()
    assert manifest.main(at(copy)) == 0
    assert hashes.main([*at(copy), "--check"]) == 1, "a draft is recorded by hand only"
    with pytest.raises(ToolError, match="There is a migration add_wishes already"):
        migration.main([*at(copy), "add_wishes"])


def test_a_version_is_the_time_in_utc_and_never_before_the_newest(copy: Project) -> None:
    noon = datetime(2031, 2, 3, 12, 0, 1, tzinfo=UTC)
    assert migration.next_version(copy, noon) == "20310203120001"
    (copy.migrations / "20310203125959_add_x.sql").write_text("select 1;\n")
    assert migration.next_version(copy, noon) == "20310203130000"


def test_the_first_migrations_are_what_squashing_gives_until_a_release(
    project: Project, copy: Project
) -> None:
    if project.release() is not None or any(
        not file.name.startswith(migration.FIRST_DAY) for file in project.migration_files()
    ):
        pytest.skip("there is more history than the first migrations")
    (copy.migrations / FIRST).write_text("-- old\n")
    (copy.migrations / f"{migration.FIRST_DAY}235900_create_something_else.sql").write_text(
        "-- old\n"
    )
    migration.squash(copy)
    for folder in ("migrations", "migrations/down", "migrations/manifests"):
        there, here = (
            {path.name: path.read_text() for path in (root / folder).iterdir() if path.is_file()}
            for root in (copy.root, project.root)
        )
        assert there == here


def test_each_domain_is_a_migration_with_its_policies(project: Project) -> None:
    files = {file.name: file.read_text() for file in project.migration_files()}
    from_files = re.findall(r"^-- from (\S+)$", "".join(files.values()), re.MULTILINE)
    assert sorted(from_files) == sorted(
        path.relative_to(project.root).as_posix()
        for folder in ("sql", "policies")
        for path in (project.root / folder).rglob("*.sql")
    )
    wallet = files["20261121060000_create_wallet.sql"]
    assert "-- from policies/billing.charges.sql\n" in wallet
    assert "sql/45_prices" not in wallet


def test_squashing_is_refused_after_a_release(copy: Project) -> None:
    tag_release(copy, "v0.1.0")
    with pytest.raises(
        ToolError, match=r"^v0\.1\.0 is released: the first migrations never change again"
    ):
        migration.main([*at(copy), "--squash"])


def test_squashing_is_refused_beside_a_second_migration(copy: Project) -> None:
    (copy.migrations / "20990101000000_add_wishes.sql").write_text("select 1;\n")
    with pytest.raises(
        ToolError, match=r"^migrations/20990101000000_add_wishes\.sql stands beside"
    ):
        migration.main([*at(copy), "--squash"])


# Supabase's own checks


def test_an_advisor_fires_on_every_exposed_table_without_rls(
    server_of: StartServer, new_database: NewDatabase, project: Project
) -> None:
    server = server_of(15)
    db = new_database(server)
    schema.prepare(server, db, project)
    with server.connect(db) as connection:
        for name in (
            "public",
            "ai",
            "billing",
            "lensers",
            "content",
            "media",
            "execution",
            "compat",
            "ratebook",
        ):
            connection.execute(
                f"create schema if not exists {name};"
                f"create table {name}.bare (id integer primary key);"
                f"grant select on {name}.bare to anon".encode()
            )
    found = re.findall(
        r'"rls_disabled_in_public_(\w+)_bare"', lint_db.advise(server, db, project) or ""
    )
    assert sorted(found) == [
        *("ai", "billing", "compat", "content", "execution", "lensers", "media", "public")
    ]


def test_lint_fires_on_a_function_that_cannot_run(
    server_of: StartServer, new_database: NewDatabase, project: Project
) -> None:
    server = server_of(15)
    db = new_database(server)
    with server.connect(db) as connection:
        connection.execute(
            "create schema ratebook create table t (id integer);"
            "create function ratebook.broken() returns integer language plpgsql"
            " as 'begin return n from ratebook.nosuch; end'"
        )
    found = lint_db.lint(server, db, project) or ""
    assert '"function": "ratebook.broken"' in found
    assert 'relation \\"ratebook.nosuch\\" does not exist' in found


def test_a_schema_that_the_advisors_cannot_see_is_named(copy: Project) -> None:
    replace_once(copy.root / "supabase" / "config.toml", r'"billing", ', "")
    assert "billing" not in lint_db.served_schemas(copy)
    assert lint_db.unserved(["ai", "billing", "ratebook"], lint_db.served_schemas(copy)) == [
        "supabase/config.toml does not serve the schema billing, so the advisors cannot see it."
    ]
    assert lint_db.unserved(["ai", "ratebook"], ["public", "ai", "ratebook"]) == [
        "supabase/config.toml serves the schema ratebook, which must stay inside."
    ]
