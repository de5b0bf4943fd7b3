"""The migrations that this version of Ratebook carries, and what a project or a database has of them.

`copy` needs nothing but the standard library; `check` and `apply` need `ratebook[local]`.
"""

import filecmp
import re
import shutil
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from ratebook import modules
from ratebook.errors import RatebookError, UnreachableError
from ratebook.modules import CORE, Obstacle, manifests

if TYPE_CHECKING:
    import psycopg

_FILE_NAME = re.compile(r"(?P<version>\d{14})_(?P<name>\w+)\.sql")
_HAS_HISTORY = "select to_regclass('supabase_migrations.schema_migrations') is not null"
_APPLIED = (
    "select version, coalesce(name, '') from supabase_migrations.schema_migrations order by 1"
)


@dataclass(frozen=True, order=True)
class Migration:
    """One migration file: `version` is its 14-digit stamp, `name` the rest of its name.

    `module` is the part of Ratebook that it belongs to: `core`, or one that can be left out; empty
    for a project's own.
    """

    version: str
    name: str
    path: Path
    module: str = ""

    def __str__(self) -> str:
        return f"{self.version}_{self.name}"


@dataclass(frozen=True)
class CopyReport:
    """What `copy` did. `late` are files stamped before the project's newest own migration."""

    folder: Path
    copied: list[Migration]
    unchanged: list[Migration]
    late: list[Migration]


@dataclass(frozen=True)
class CheckReport:
    """What a database has of the packaged migrations.

    `conflicting` are stamps that the database knows under another name; `foreign` are the
    project's own migrations; `late` are missing ones that are stamped before an applied one;
    `left_out` are modules of which nothing is there beside the core; `obstacles` is what stands in
    the way of the modules that are not there; `differences` says where the database is not what
    its migrations make; `schema_version` is what `ai.ratebook_version()` answers, None where it does not exist.
    """

    applied: list[Migration]
    missing: list[Migration]
    late: list[Migration]
    conflicting: list[str]
    foreign: list[str]
    has_platform: bool
    schema_version: str | None
    left_out: list[str] = field(default_factory=list)
    obstacles: list[Obstacle] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)

    @property
    def is_up_to_date(self) -> bool:
        """Whether every migration of the modules that are there has been applied, and nothing was changed since."""
        return not (self.missing or self.conflicting or self.differences)


def read_folder(folder: Path) -> list[Migration]:
    """The migrations in a folder, oldest first; other files and subfolders are passed over."""
    if not folder.is_dir():
        return []
    matches = ((_FILE_NAME.fullmatch(path.name), path) for path in folder.iterdir())
    return sorted(
        Migration(match["version"], match["name"], path) for match, path in matches if match
    )


def packaged(without: Collection[str] = ()) -> list[Migration]:
    """The migrations of this version of Ratebook, oldest first; those of the modules in `without` left out.

    Raises RatebookError where `without` names no module, or the core.
    """
    known = manifests()
    for name in without:
        if name == CORE or name not in known:
            optional = ", ".join(module for module in known if module != CORE)
            raise RatebookError(
                f"{name!r} is no module that can be left out: these are {optional}."
            )
    module_of = {version: name for name, found in known.items() for version in found["migrations"]}
    return [
        replace(migration, module=module_of.get(migration.version, CORE))
        for migration in read_folder(modules.schema_dir() / "migrations")
        if module_of.get(migration.version) not in without
    ]


def copy(directory: Path, without: Collection[str] = ()) -> CopyReport:
    """Put the packaged migrations beside a Supabase project's own; nothing is ever overwritten.

    `directory` is the project, its supabase/ folder or its migrations folder; `without` names the modules
    to leave out. Raises RatebookError, with nothing copied, where that is none of them, or where a file
    or a stamp is in the way.
    """
    folder = _migrations_folder(directory)
    ours = packaged(without)
    theirs = read_folder(folder)
    names = {str(migration) for migration in ours}
    own = [migration for migration in theirs if str(migration) not in names]
    _refuse_collisions(ours, theirs, own)

    present = {str(migration) for migration in theirs}
    new = [migration for migration in ours if str(migration) not in present]
    newest_own = max((migration.version for migration in own), default="")
    folder.mkdir(parents=True, exist_ok=True)
    for migration in new:
        shutil.copyfile(migration.path, folder / migration.path.name)
    return CopyReport(
        folder=folder,
        copied=new,
        unchanged=[migration for migration in ours if str(migration) in present],
        late=[migration for migration in new if migration.version < newest_own],
    )


def check(dsn: str, without: Collection[str] = ()) -> CheckReport:
    """Compare a database with the packaged files; reads only.

    A module of which nothing is there beside the core counts as left out. Where the core is not there
    either, `without` says what is to be left out. Raises UnreachableError where the database does not answer.
    """
    with connect(dsn) as connection:
        return _survey(connection, without)


def _survey(
    connection: "psycopg.Connection[tuple[Any, ...]]",
    without: Collection[str],
    add: Collection[str] = (),
) -> CheckReport:
    history = _history(connection)
    there = {migration.module for migration in packaged(without) if migration.version in history}
    left_out = [
        name for name in manifests() if name in without or (there and name not in (*there, *add))
    ]
    report = compare(connection, packaged(left_out))
    absent = [name for name in manifests() if name not in (*there, *left_out)]
    return replace(
        report,
        left_out=left_out,
        obstacles=modules.obstacles(connection, absent) if report.has_platform else [],
        differences=modules.differences(
            connection, history.keys(), [migration.version for migration in report.missing]
        )
        if there
        else [],
    )


def apply(
    dsn: str,
    say: Callable[[str], None] = lambda _: None,
    *,
    include_seed: bool = False,
    without: Collection[str] = (),
    add: Collection[str] = (),
) -> CheckReport:
    """Bring a database up to this version with the Supabase CLI, and report what was missing before.

    `without` names modules to leave out; one that a database lacks beside the core stays out unless `add`
    names it. Adds what Supabase gives a database (roles, auth.uid()) where it is missing. Raises RatebookError
    where the database has migrations of its own: those must be pushed together with Ratebook's, from
    the project that has both.
    """
    from ratebook.local import push

    with connect(dsn) as connection:
        before = _survey(connection, without, add)
    if before.foreign or before.conflicting:
        raise RatebookError(
            "This database has migrations of its own, and the Supabase CLI pushes all or none: run"
            " `ratebook migrations copy` in the project that they come from, then `supabase db push`.",
            "\n".join([*before.conflicting, *before.foreign]),
        )
    if not before.has_platform:
        say("Adding what Supabase gives a database: roles, auth.uid(), auth.users")
        push.run_platform(dsn, modules.schema_dir() / "supabase" / "platform.sql")
    if before.missing or include_seed:
        with TemporaryDirectory(prefix="ratebook-") as folder:
            project = assemble_project(Path(folder), before.left_out)
            if before.late:
                say("Some are stamped before applied ones: pushing with --include-all")
            push.db_push(
                dsn, project, say, include_all=bool(before.late), include_seed=include_seed
            )
    return before


def assemble_project(folder: Path, without: Collection[str] = ()) -> Path:
    """Make `folder` a Supabase project of the packaged schema alone, less the modules in `without`."""
    source = modules.schema_dir()
    supabase = folder / "supabase"
    supabase.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source / "supabase" / "config.toml", supabase / "config.toml")
    links = {folder / "seeds": source / "seeds", supabase / "migrations": source / "migrations"}
    for link, target in links.items():
        link.unlink(missing_ok=True)
        link.symlink_to(target, target_is_directory=True)
    if without:
        (supabase / "migrations").unlink()
        copy(folder, without)
    return folder


def down(
    dsn: str,
    to: str | None = None,
    *,
    confirm: Callable[[str, list[Migration]], bool] = lambda *_: True,
    say: Callable[[Migration], None] = lambda _: None,
) -> list[Migration]:
    """Take Ratebook out of a database, with its data: all of it, or what came after the version `to`.

    The newest migration goes first, each in a transaction of its own together with its row in the CLI's
    history. What the project has standing on Ratebook's objects is found before anything is changed.
    `confirm` is asked with the database's name and what will go; `say` hears of each that went. Returns
    what went: nothing where nothing of Ratebook is there. Raises RatebookError where a step is refused.
    """
    with connect(dsn) as connection:
        history = _history(connection)
        there = [migration for migration in reversed(packaged()) if migration.version in history]
        if to is not None and to != "0" and to not in history:
            known = ", ".join(sorted(history)) or "none"
            raise RatebookError(f"The database has no migration {to}; it has {known}.")
        going = [migration for migration in there if to is None or migration.version > to]
        for migration in going:
            if not _way_back(migration).is_file():
                raise RatebookError(f"{migration} has no way back, so nothing was changed.")
        if not going or not confirm(connection.info.dbname, going):
            return []
        _refuse_dependents(connection, going)
        for migration in going:
            _take_back(connection, migration)
            say(migration)
    return going


def _refuse_dependents(
    connection: "psycopg.Connection[tuple[Any, ...]]", going: Iterable[Migration]
) -> None:
    """Name at once what would stop one of the steps; each asks again when it comes."""
    if not _exists(connection, "select to_regprocedure('ratebook.dependents(text)') is not null"):
        raise RatebookError(
            "This database was made from an earlier state of the migrations, which this version cannot take back."
        )
    domain_of = {
        version: domain
        for found in manifests().values()
        for version, domain in found["migrations"].items()
    }
    domains = sorted({domain_of[one.version] for one in going if one.version in domain_of})
    found = connection.execute(
        "select d.name from unnest(%s::text[]) as o (domain) cross join lateral"
        " ratebook.dependents(o.domain) as d (name) union"
        " select m.name || ' (a month that was detached)' from ratebook.detached_months() as m (name)"
        " order by 1",
        [domains],
    ).fetchall()
    if found:
        raise RatebookError(
            "What is not Ratebook's stands on what would go; nothing was changed. Drop or change these first.",
            "\n".join(name for (name,) in found),
        )


def _way_back(migration: Migration) -> Path:
    return migration.path.parent / "down" / migration.path.name


def _take_back(connection: "psycopg.Connection[tuple[Any, ...]]", migration: Migration) -> None:
    import psycopg

    try:
        with connection.transaction():
            connection.execute(_way_back(migration).read_bytes())
            connection.execute(
                "delete from supabase_migrations.schema_migrations where version = %s",
                [migration.version],
            )
    except psycopg.Error as error:
        said = error.diag.message_primary or str(error).strip()
        hint = error.diag.message_hint or ""
        raise RatebookError(f"{migration} stays, and changed nothing: {said}", hint) from error


def connect(dsn: str) -> "psycopg.Connection[tuple[Any, ...]]":
    """An autocommit connection; raises UnreachableError, without the password, where it fails."""
    try:
        import psycopg
    except ImportError as error:
        raise RatebookError("This needs `pip install 'ratebook[local]'`.") from error
    try:
        return psycopg.connect(dsn, connect_timeout=10, autocommit=True)
    except psycopg.ProgrammingError as error:  # its text repeats the DSN
        raise UnreachableError("That is not a PostgreSQL connection string.") from error
    except psycopg.OperationalError as error:
        raise UnreachableError("Cannot connect to the database.", str(error).strip()) from error


def compare(
    connection: "psycopg.Connection[tuple[Any, ...]]", migrations: Iterable[Migration]
) -> CheckReport:
    """Compare a database's migration history with `migrations`."""
    history = _history(connection)
    ours = list(migrations)
    same = [  # an empty name: the history was written by another tool
        migration for migration in ours if history.get(migration.version) in (migration.name, "")
    ]
    missing = [migration for migration in ours if migration.version not in history]
    newest = max(history, default="")
    versions = {migration.version for migration in ours}
    return CheckReport(
        applied=same,
        missing=missing,
        late=[migration for migration in missing if migration.version < newest],
        conflicting=[
            f"{migration.version}_{history[migration.version]}"
            for migration in ours
            if migration.version in history and migration not in same
        ],
        foreign=[
            f"{version}_{name}" for version, name in history.items() if version not in versions
        ],
        has_platform=_exists(connection, "select to_regprocedure('auth.uid()') is not null"),
        schema_version=_schema_version(connection),
    )


def _migrations_folder(directory: Path) -> Path:
    if directory.name == "migrations" and directory.is_dir():
        return directory
    if (directory / "supabase").is_dir():
        return directory / "supabase" / "migrations"
    if directory.name == "supabase" and directory.is_dir():
        return directory / "migrations"
    raise RatebookError(
        f"{directory} is not a Supabase project (it has no supabase/ folder): run `supabase init` there first."
    )


def _refuse_collisions(
    ours: list[Migration], theirs: list[Migration], own: list[Migration]
) -> None:
    in_place = {str(migration): migration.path for migration in theirs}
    for migration in ours:
        other = in_place.get(str(migration))
        if other and not filecmp.cmp(migration.path, other, shallow=False):
            raise RatebookError(
                f"{other} differs from the migration of that name in this version: it was edited, or is another."
                " Nothing was copied."
            )
    stamps = {migration.version: migration for migration in own}
    for migration in ours:
        if migration.version in stamps:
            raise RatebookError(
                f"{stamps[migration.version].path} has the stamp of Ratebook's {migration}: rename yours."
                " Nothing was copied."
            )


def _history(connection: "psycopg.Connection[tuple[Any, ...]]") -> dict[str, str]:
    if not _exists(connection, _HAS_HISTORY):
        return {}
    rows = connection.execute(_APPLIED)
    return dict(rows.fetchall())


def _exists(connection: "psycopg.Connection[tuple[Any, ...]]", query: Any) -> bool:
    row = connection.execute(query).fetchone()
    return bool(row and row[0])


def _schema_version(connection: "psycopg.Connection[tuple[Any, ...]]") -> str | None:
    if not _exists(connection, "select to_regprocedure('ai.ratebook_version()') is not null"):
        return None
    row = connection.execute("select ai.ratebook_version()").fetchone()
    return str(row[0]) if row else None
