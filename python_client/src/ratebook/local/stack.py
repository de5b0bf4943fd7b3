"""`Stack`: PostgreSQL, PostgREST and the gateway of one project, started and stopped together."""

import fcntl
import json
import platform
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ratebook import migrations, modules, page
from ratebook.errors import RatebookError
from ratebook.local import push, services, tokens
from ratebook.local.postgres import Postgres
from ratebook.local.processes import Program, free_ports, port_is_free, spawn, tail
from ratebook.local.services import Ports
from ratebook.local.tools import find_tool

SERVICES = ("postgres", "postgrest", "gateway")
_READY_SECONDS = (
    120  # PostgREST pauses 1, 2, 4, 8, 16, 32, 32, … seconds between its attempts to connect
)

_LINK_SECONDS = 12 * 3600

DEMO_OWNER = "11111111-1111-4111-8111-111111111111"  # seeds/030_demo_wallet.sql
DEMO_ADMIN = "22222222-2222-4222-8222-222222222222"
_MAKE_ADMIN = (
    "insert into auth.users (id) values (%s) on conflict (id) do nothing",
    "insert into lensers.profiles (id, display_name) values (%s, 'Demo admin')"
    " on conflict (id) do nothing",
    "insert into lensers.user_roles (user_id, role) values (%s, 'admin')"
    " on conflict (user_id, role) do nothing",
)


@dataclass(frozen=True)
class Status:
    """What runs, where, and what the database lacks. Keys are signed with a public demo secret."""

    running: bool
    services: dict[str, int | None]  # name -> process id, None where it does not run
    url: str | None
    rest_url: str | None
    db_url: str | None
    anon_key: str
    service_role_key: str
    jwt_secret: str
    schema_version: str | None
    pending_migrations: list[str]
    data_dir: str
    project_dir: str

    def to_json(self) -> dict[str, Any]:
        """A plain dictionary, for `--json`."""
        return asdict(self)


class Stack:
    """The local stack of one project; its data, logs and state are in `data_dir`.

    `project_dir` may hold a Supabase project (supabase/config.toml, migrations, seeds): then that is
    served. Otherwise the stack serves the schema that the package carries. `say` receives one line per
    step. Every method raises RatebookError with one sentence when something fails.
    """

    def __init__(
        self,
        project_dir: Path | str = ".",
        data_dir: Path | str | None = None,
        postgres_version: int = 18,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        if platform.system() not in ("Linux", "Darwin"):
            raise RatebookError(
                "The local stack runs on Linux and macOS; on Windows use it inside WSL."
            )
        self.project_dir = Path(project_dir).expanduser().resolve()
        self.data_dir = Path(data_dir or self.project_dir / ".ratebook").expanduser().resolve()
        self.postgres = Postgres(self.data_dir / "postgres", postgres_version)
        self.anon_key = tokens.api_key("anon")
        self.service_role_key = tokens.api_key("service_role")
        self._say = say
        self._state_file = self.data_dir / "state.json"

    # ------------------------------------------------------------------ what callers use

    @property
    def url(self) -> str:
        """The base URL for `create_client(url, key)`; raises RatebookError before the first start."""
        return self._known_ports().url

    @property
    def dsn(self) -> str:
        """A connection string for the database as its superuser."""
        return self.postgres.dsn()

    def token(self, role: str, sub: str | None = None, **claims: Any) -> str:
        """A JSON web token for `role`, valid for an hour unless `expires_in` (seconds) says otherwise."""
        return tokens.token(role, sub, **claims)

    def start(self, *, reseed: bool = False) -> Status:
        """Bring everything up, apply what is pending, and return when the API answers.

        What runs already is left running. `reseed` runs seed files again that changed since. When a
        part fails, what this call began is stopped again.
        """
        with self._locked():
            begun: list[str] = []
            try:
                self._start_postgres(begun)
                changed = self._bring_up_to_date(reseed)
                self._start_services(begun)
                if changed:
                    self._reload_schema_cache()
            except BaseException:
                self._stop(begun)
                raise
            return self.status()

    def stop(self) -> list[str]:
        """Stop what runs, and return its names; the data stays."""
        with self._locked():
            return self._stop(SERVICES)

    def reset(self) -> Status:
        """Stop, throw the database away, and start with an empty one."""
        with self._locked():
            self._stop(SERVICES)
            if self.postgres.directory.exists():
                self._say(f"Removing the data in {self.postgres.directory}")
                shutil.rmtree(self.postgres.directory)
        return self.start()

    def page_links(self) -> dict[str, str]:
        """Addresses of the page by who opens them: a visitor, the demo lenser Ada, an admin.

        The two carry tokens of twelve hours. The admin is made here, in this database alone: seeds, which real
        projects load too, name none. Empty where the database has no Ratebook; raises RatebookError where the
        page is not built.
        """
        with migrations.connect(self.dsn) as connection:
            found = connection.execute("select to_regclass('lensers.user_roles')").fetchone()
            if not (found and found[0]):
                return {}
            if page.built() is None:
                raise RatebookError(page.NOT_BUILT)
            for statement in _MAKE_ADMIN:
                connection.execute(statement, [DEMO_ADMIN])
        address = f"{self.url}/app/"
        return {"a visitor": address} | {
            name: f"{address}#/sign-in?token={self.token('authenticated', person, expires_in=_LINK_SECONDS)}"
            for name, person in (("Ada, an owner", DEMO_OWNER), ("an admin", DEMO_ADMIN))
        }

    def status(self) -> Status:
        """What runs now; changes nothing."""
        pids = self._pids()
        ports = self._ports()
        pending: list[str] = []
        version = None
        if pids["postgres"]:
            with migrations.connect(self.dsn) as connection:
                report = migrations.compare(connection, self._migration_files())
                pending = [str(migration) for migration in report.missing]
                version = report.schema_version
        return Status(
            running=all(pids.values()),
            services=pids,
            url=ports.url if ports else None,
            rest_url=f"{ports.url}/rest/v1" if ports else None,
            db_url=self.dsn if pids["postgres"] else None,
            anon_key=self.anon_key,
            service_role_key=self.service_role_key,
            jwt_secret=tokens.DEMO_JWT_SECRET,
            schema_version=version,
            pending_migrations=pending,
            data_dir=str(self.data_dir),
            project_dir=str(self.project_dir),
        )

    def log_file(self, service: str) -> Path:
        """Where `service` (postgres, postgrest or gateway) writes its log."""
        if service not in SERVICES:
            raise RatebookError(f"There is no service {service}: choose {', '.join(SERVICES)}.")
        return self.postgres.log if service == "postgres" else self.data_dir / f"{service}.log"

    def logs(self, service: str, lines: int = 50) -> str:
        """The end of a service's log."""
        return tail(self.log_file(service), lines)

    # ------------------------------------------------------------------ starting

    def _start_postgres(self, begun: list[str]) -> None:
        if self.postgres.pid:
            self._say("PostgreSQL is already running")
            return
        self._say(f"Starting PostgreSQL {self.postgres.version}")
        if closed := self.postgres.closed_folders():
            folders = ", ".join(map(str, closed))
            self._say(f"As root: opening {folders} for the user that PostgreSQL runs as")
        begun.append("postgres")
        with self._blame("postgres"):
            self.postgres.start()

    def _bring_up_to_date(self, reseed: bool) -> bool:
        """Apply platform.sql, migrations and seeds where the database lacks them; whether it did."""
        project = self._project()
        with migrations.connect(self.dsn) as connection:
            report = migrations.compare(connection, self._migration_files())
            seeds = push.compare_seeds(connection, project)
            if seeds.changed and reseed:
                push.forget_seeds(connection, seeds.changed)
                seeds = push.Seeds(seeds.new + seeds.changed, [])
        if not report.has_platform:
            self._say("Adding what Supabase gives a database: roles, auth.uid(), auth.users")
            push.run_platform(self.dsn, self._platform_file())
        if seeds.changed:
            self._say(
                f"Changed since they were loaded: {', '.join(seeds.changed)}"
                " (`ratebook local start --reseed` runs them again)"
            )
        if not (report.missing or report.foreign or report.conflicting or seeds.new):
            self._say_whether_current()
            return False
        self._say("Applying migrations and seeds with the Supabase CLI")
        push.db_push(
            self.dsn,
            project,
            lambda line: self._say(f"  {line}"),
            include_all=True,
            include_seed=not seeds.changed,  # it would mark a changed file as run
        )
        return True

    def _say_whether_current(self) -> None:
        """Nothing is missing; but the files may have been rewritten since, or the database changed."""
        found = migrations.check(self.dsn).differences
        if found:
            self._say(f"The database is not what its migrations make: {len(found)} objects differ")
            self._say(
                "  `ratebook migrations check` names them; `ratebook local reset` starts anew"
            )
        else:
            self._say("The database is up to date")

    def _start_services(self, begun: list[str]) -> None:
        last_attempt = 2
        for attempt in range(last_attempt + 1):  # another program may take a free port first
            ports = self._choose_ports(fresh=attempt > 0)
            try:
                self._ensure_postgrest(ports, begun)
                self._ensure_gateway(ports, begun)
                return
            except RatebookError as error:
                in_use = "in use" in error.details.lower()
                if not in_use or attempt == last_attempt:
                    raise
                self._stop(["gateway", "postgrest"])

    def _ensure_postgrest(self, ports: Ports, begun: list[str]) -> None:
        api = push.read_config(self._project()).get("api", {})
        api = api | {"schemas": self._served(api.get("schemas", services.DEFAULT_SCHEMAS))}
        config = self.data_dir / "postgrest.conf"
        dsn = self.postgres.dsn("authenticator")
        text = services.postgrest_config(dsn, ports, api, self._pre_request())
        program = find_tool("postgrest", self.project_dir, self._say)
        ready = f"http://127.0.0.1:{ports.admin}/ready"
        self._ensure("postgrest", config, text, [str(program), str(config)], ready, begun)
        self._wait_for("postgrest", ready)

    def _served(self, schemas: Sequence[str]) -> list[str]:
        """Those that the database has: from PostgREST 13 on, one that it lacks fails every request."""
        with migrations.connect(self.dsn) as connection:
            found = connection.execute("select nspname::text from pg_namespace").fetchall()
        there = {name for (name,) in found}
        if absent := [name for name in schemas if name not in there]:
            self._say(f"Not served, as the database lacks them: {', '.join(absent)}")
        return [name for name in schemas if name in there]

    def _pre_request(self) -> str | None:
        """Ratebook's function for db-pre-request, where the database has it: what is not there fails every request."""
        with migrations.connect(self.dsn) as connection:
            found = connection.execute("select to_regprocedure('ai.pre_request()')").fetchone()
        return "ai.pre_request" if found and found[0] else None

    def _ensure_gateway(self, ports: Ports, begun: list[str]) -> None:
        folder = self.data_dir / "nginx"
        (folder / "tmp").mkdir(parents=True, exist_ok=True)
        config = folder / "nginx.conf"
        self._copy_page(folder / "app")
        text = services.gateway_config(folder, ports)
        program = find_tool("nginx", self.project_dir, self._say)
        command = [str(program), "-e", "stderr", "-p", str(folder), "-c", str(config)]
        self._ensure("gateway", config, text, command, ports.url, begun)
        self._wait_for("gateway", ports.url)

    def _copy_page(self, folder: Path) -> None:
        """The page beside the gateway's configuration: where a checkout or a wheel is, nobody else may read."""
        if page.built() is None:
            page.remove(folder)
        else:
            page.copy(folder, page.Configuration("/", self.anon_key, "demo"))

    def _ensure(
        self,
        service: str,
        config: Path,
        text: str,
        command: Sequence[str],
        url: str,
        begun: list[str],
    ) -> None:
        """Run `command` unless it answers at `url` already with that very configuration.

        One that runs and does not answer is started anew: a PostgREST without a database pauses longer each time.
        """
        program = self._program(service)
        unchanged = config.exists() and config.read_text() == text
        if program and program.is_running():
            if unchanged and _answers(url):
                self._say(f"{_title(service)} is already running")
                return
            program.stop()
        self._say(f"Starting {_title(service)}")
        begun.append(service)
        config.write_text(text)
        self.log_file(service).write_bytes(b"")  # this run's alone: read when the start fails
        started = spawn(command, log=self.log_file(service), marker=str(config))
        self._remember(service, started)

    def _wait_for(self, service: str, url: str) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        with self._blame(service):
            while True:
                program = self._program(service)
                if program is None or not program.is_running():
                    raise RatebookError("it ended")
                if _answers(url):
                    return
                if time.monotonic() > deadline:
                    raise RatebookError(f"no answer within {_READY_SECONDS} s")
                time.sleep(0.05)

    def _reload_schema_cache(self) -> None:
        with migrations.connect(self.dsn) as connection:
            connection.execute("notify pgrst, 'reload schema'")

    @contextmanager
    def _blame(self, service: str) -> Iterator[None]:
        """Say which part failed, and show the end of its log."""
        try:
            yield
        except RatebookError as error:
            log = tail(self.log_file(service))
            details = "\n".join(filter(None, [error.details, log]))
            raise RatebookError(f"{_title(service)} did not start: {error}", details) from error

    # ------------------------------------------------------------------ what is served

    def _project(self) -> Path:
        """The folder that holds the supabase/ folder to push."""
        if (self.project_dir / "supabase" / "config.toml").is_file():
            return self.project_dir
        return migrations.assemble_project(self.data_dir / "schema")

    def _migration_files(self) -> list[migrations.Migration]:
        return migrations.read_folder(self._project() / "supabase" / "migrations")

    def _platform_file(self) -> Path:
        own = self.project_dir / "supabase" / "platform.sql"
        return own if own.is_file() else modules.schema_dir() / "supabase" / "platform.sql"

    # ------------------------------------------------------------------ stopping and state

    def _stop(self, names: Sequence[str]) -> list[str]:
        stopped = []
        for service in reversed(SERVICES):
            if service not in names or not self._pids()[service]:
                continue
            self._say(f"Stopping {_title(service)}")
            if service == "postgres":
                self.postgres.stop()
            elif program := self._program(service):
                program.stop()
            stopped.append(service)
        return stopped

    def _pids(self) -> dict[str, int | None]:
        pids: dict[str, int | None] = {"postgres": self.postgres.pid}
        for service in SERVICES[1:]:
            program = self._program(service)
            pids[service] = program.pid if program and program.is_running() else None
        return pids

    def _choose_ports(self, *, fresh: bool) -> Ports:
        """The ports of the last start, unless another program has taken one."""
        known = self._ports()
        if known and not fresh:
            pids = self._pids()
            idle = [known.gateway] * (not pids["gateway"])
            idle += [known.postgrest, known.admin] * (not pids["postgrest"])
            if all(port_is_free(port) for port in idle):
                return known
        ports = Ports(*free_ports(3))
        self._write_state({"ports": asdict(ports)})
        return ports

    def _known_ports(self) -> Ports:
        ports = self._ports()
        if ports is None:
            raise RatebookError("The local stack has never been started: ratebook local start")
        return ports

    def _ports(self) -> Ports | None:
        try:
            return Ports(**self._state()["ports"])
        except (KeyError, TypeError):
            return None

    def _program(self, service: str) -> Program | None:
        return Program.from_json(self._state().get("programs", {}).get(service))

    def _remember(self, service: str, program: Program) -> None:
        programs = self._state().get("programs", {})
        self._write_state({"programs": programs | {service: program.to_json()}})

    def _state(self) -> dict[str, Any]:
        try:
            state = json.loads(self._state_file.read_text())
        except (OSError, ValueError):
            return {}
        return state if isinstance(state, dict) else {}

    def _write_state(self, change: dict[str, Any]) -> None:
        temporary = self._state_file.with_suffix(".new")
        temporary.write_text(json.dumps(self._state() | change, indent=2) + "\n")
        temporary.replace(self._state_file)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One command at a time changes a stack."""
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
            lock = (self.data_dir / "lock").open("w")
        except OSError as error:
            raise RatebookError(f"Cannot write to {self.data_dir}: {error.strerror}.") from error
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _answers(url: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=5):
            return True
    except urllib.error.HTTPError as refusal:
        refusal.close()
        return False
    except OSError:
        return False


def _title(service: str) -> str:
    return {"postgres": "PostgreSQL", "postgrest": "PostgREST"}.get(service, "nginx (gateway)")
