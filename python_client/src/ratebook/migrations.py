"""The migrations that this version of Ratebook carries, and what a project or a database has of them.

`copy` needs nothing but the standard library; `check` and `apply` need `ratebook[local]`.
"""

import filecmp
import re
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from ratebook.errors import RatebookError, UnreachableError

if TYPE_CHECKING:
    import psycopg

_FILE_NAME = re.compile(r"(?P<version>\d{14})_(?P<name>\w+)\.sql")
_HAS_HISTORY = "select to_regclass('supabase_migrations.schema_migrations') is not null"
_APPLIED = (
    "select version, coalesce(name, '') from supabase_migrations.schema_migrations order by 1"
)


@dataclass(frozen=True, order=True)
class Migration:
    """One migration file: `version` is its 14-digit stamp, `name` the rest of its name."""

    version: str
    name: str
    path: Path

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
    `schema_version` is what `ai.ratebook_version()` answers, None where it does not exist.
    """

    applied: list[Migration]
    missing: list[Migration]
    late: list[Migration]
    conflicting: list[str]
    foreign: list[str]
    has_platform: bool
    schema_version: str | None

    @property
    def is_up_to_date(self) -> bool:
        """Whether every packaged migration has been applied."""
        return not self.missing and not self.conflicting


def schema_dir() -> Path:
    """The folder with migrations/, seeds/ and supabase/: in the wheel, or the repository of a checkout."""
    package = Path(__file__).parent
    for folder in (package / "_schema", *package.parents[2:3]):
        if (folder / "supabase" / "platform.sql").is_file():
            return folder
    raise RatebookError("This installation of ratebook carries no schema: install it again.")


def read_folder(folder: Path) -> list[Migration]:
    """The migrations in a folder, oldest first; other files and subfolders are passed over."""
    if not folder.is_dir():
        return []
    matches = ((_FILE_NAME.fullmatch(path.name), path) for path in folder.iterdir())
    return sorted(
        Migration(match["version"], match["name"], path) for match, path in matches if match
    )


def packaged() -> list[Migration]:
    """The migrations of this version of Ratebook, oldest first."""
    return read_folder(schema_dir() / "migrations")


def copy(directory: Path) -> CopyReport:
    """Put the packaged migrations beside a Supabase project's own; nothing is ever overwritten.

    `directory` is the project, its supabase/ folder or its migrations folder. Raises RatebookError,
    with nothing copied, where that is none of them, or where a file or a stamp is in the way.
    """
    folder = _migrations_folder(directory)
    ours = packaged()
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


def check(dsn: str) -> CheckReport:
    """Compare a database's migration history with the packaged files; reads only.

    Raises UnreachableError where the database does not answer.
    """
    with connect(dsn) as connection:
        return compare(connection, packaged())


def apply(
    dsn: str,
    say: Callable[[str], None] = lambda _: None,
    *,
    include_seed: bool = False,
) -> CheckReport:
    """Bring a database up to this version with the Supabase CLI, and report what was missing before.

    Adds what Supabase gives a database (roles, auth.uid()) where it is missing. Raises RatebookError
    where the database has migrations of its own: those must be pushed together with Ratebook's, from
    the project that has both.
    """
    from ratebook.local import push

    with connect(dsn) as connection:
        before = compare(connection, packaged())
    if before.foreign or before.conflicting:
        raise RatebookError(
            "This database has migrations of its own, and the Supabase CLI pushes all or none: run"
            " `ratebook migrations copy` in the project that they come from, then `supabase db push`.",
            "\n".join([*before.conflicting, *before.foreign]),
        )
    if not before.has_platform:
        say("Adding what Supabase gives a database: roles, auth.uid(), auth.users")
        push.run_platform(dsn, schema_dir() / "supabase" / "platform.sql")
    if before.missing or include_seed:
        with TemporaryDirectory(prefix="ratebook-") as folder:
            project = assemble_project(Path(folder))
            if before.late:
                say("Some are stamped before applied ones: pushing with --include-all")
            push.db_push(
                dsn, project, say, include_all=bool(before.late), include_seed=include_seed
            )
    return before


def assemble_project(folder: Path) -> Path:
    """Make `folder` a Supabase project of the packaged schema alone, by links."""
    source = schema_dir()
    supabase = folder / "supabase"
    supabase.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source / "supabase" / "config.toml", supabase / "config.toml")
    links = {folder / "seeds": source / "seeds", supabase / "migrations": source / "migrations"}
    for link, target in links.items():
        link.unlink(missing_ok=True)
        link.symlink_to(target, target_is_directory=True)
    return folder


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
