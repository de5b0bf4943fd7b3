"""A live project takes Ratebook and loses it while people sign up and in."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from uuid import uuid4

from ratebook import migrations
from tests.faults.conftest import size
from tools import schema
from tools.project import REPOSITORY, Project, supabase
from tools.servers import Server

Figure = Callable[[str], None]


class SignUps:
    """Somebody signs up and in, again and again: each waits for the locks on auth.users that the others hold."""

    def __init__(self, server: Server, db: str) -> None:
        self._server, self._db = server, db
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.waits: list[float] = []
        self.error: Exception | None = None

    def _run(self) -> None:
        try:
            with self._server.connect(self._db) as connection:
                while not self._stop.is_set():
                    user, began = uuid4(), time.monotonic()
                    connection.execute("insert into auth.users (id) values (%s)", [user])
                    connection.execute(
                        "update auth.users set updated_at = now() where id = %s", [user]
                    )
                    self.waits.append(time.monotonic() - began)
        except Exception as error:
            self.error = error

    def __enter__(self) -> SignUps:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


def test_sign_ups_go_on_while_ratebook_comes_and_goes(server: Server, figure: Figure) -> None:
    project = Project(REPOSITORY)
    waits: dict[str, list[float]] = {"db push": [], "down": []}
    for number in range(size(1, 5)):
        db = server.create_database(f"live_{number}")
        schema.prepare(server, db, project)
        with SignUps(server, db) as people:
            done = supabase(["db", "push", "--yes"], workdir=project.root, database=server.dsn(db))
        assert done.returncode == 0, done.stderr
        waits["db push"] += people.waits
        assert people.error is None
        with SignUps(server, db) as people:
            assert len(migrations.down(server.dsn(db))) == len(project.migration_files())
        assert people.error is None
        waits["down"] += people.waits
        server.drop_database(db)
    for step, times in waits.items():
        assert times
        figure(
            f"{len(times):,} sign-ups and sign-ins during {step}, the longest took {max(times):.3f} s"
        )
