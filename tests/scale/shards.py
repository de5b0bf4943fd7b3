"""Two shards behind a front: `a`, which is the home of the catalogue, on PostgreSQL 15 with the front; `b` on 18."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import psycopg

from ratebook.shards import PARTITION_OF, catalogue, front
from tests.faults.conftest import PRICES, SETTINGS
from tests.faults.wallet import SERVICE, Connection
from tests.modules import PROJECT
from tools import schema, servers
from tools.project import REPOSITORY, clean_environment
from tools.servers import Server

SHOP = "shop"
FRONT = "front"
REPLICATES = SETTINGS | {"wal_level": "logical"}


class Cluster:
    """The servers, with a Ratebook each, and the front before them."""

    def __init__(self, on_disk: bool = False) -> None:
        with ThreadPoolExecutor(2) as pool:
            self.servers = dict(
                zip("ab", pool.map(lambda v: make_shard(v, on_disk), (15, 18)), strict=True)
            )
        home = self.servers["a"]
        with home.connect(SHOP) as db:
            db.execute(PRICES)
            catalogue.enlist(db, "a")
        self.joined = catalogue.join(
            self.dsn("b"), "b", self.dsn("a"), self.address("a", "postgres")
        )
        home.create_database(FRONT)
        made = front.write(self.dsn("a"))
        self.routes, self.left_out = made.routes, made.left_out
        schema.apply(home, FRONT, PROJECT, [PROJECT.platform_file], "postgres")
        run_sql(home, FRONT, made.sql)
        with home.connect(FRONT) as db:
            db.execute(f"create role {SERVICE} login in role service_role")
            for name in self.servers:
                db.execute(
                    "insert into shards.shards (name, connection, is_home) values (%s, %s, %s)",
                    [name, self.address(name, "ratebook_front"), name == "a"],
                )
            db.execute("select shards.deal()")

    def stop(self) -> None:
        for server in self.servers.values():
            server.stop()

    def address(self, shard: str, user: str) -> str:
        return f"host={self.servers[shard].folder} port=5432 dbname={SHOP} user={user}"

    def dsn(self, shard: str) -> str:
        return self.servers[shard].dsn(SHOP)

    @property
    def front(self) -> str:
        return self.servers["a"].dsn(FRONT)

    def backend(self) -> Connection:
        """A connection of a backend to the front."""
        return psycopg.connect(self.servers["a"].dsn(FRONT, SERVICE), autocommit=True)

    def connect(self) -> Connection:
        """The superuser's to the front."""
        return self.servers["a"].connect(FRONT)

    def rows(self, shard: str, query: str, *arguments: Any) -> list[tuple[Any, ...]]:
        """What the superuser finds on a shard."""
        with self.servers[shard].connect(SHOP) as db:
            return db.execute(query, arguments).fetchall()

    def value(self, shard: str, query: str, *arguments: Any) -> Any:
        """The one value of a query."""
        ((found,),) = self.rows(shard, query, *arguments)
        return found

    def lensers(self, number: int, partition: int | None = None) -> list[str]:
        """People whom their shards know: as many on each, or all in one partition. One whose place is even is on a."""
        with self.connect() as db:
            found = [
                lenser_of(db, "shard = %s", "ab"[place % 2])
                if partition is None
                else lenser_of(db, "partition = %s", partition)
                for place in range(number)
            ]
            for lenser in found:
                db.execute("select lensers.add_lenser(%s)", [lenser])
        return found


def lenser_of(db: Connection, where: str, value: Any) -> str:
    """An id that is where it should be."""
    while True:
        lenser = str(uuid4())
        row = db.execute(
            f"select exists (select from shards.partitions where partition = {PARTITION_OF} and {where})".format(
                "%s::uuid"
            ),
            [lenser, value],
        ).fetchone()
        if row == (True,):
            return lenser


def make_shard(version: int, on_disk: bool) -> Server:
    server = servers.start(version, REPLICATES, on_disk=on_disk)
    schema.build_truth(server, server.create_database(SHOP), PROJECT)
    return server


def run_sql(server: Server, db: str, sql: str) -> None:
    """Run a script as psql does."""
    done = subprocess.run(
        [server.bin("psql"), "-qX", "-v", "ON_ERROR_STOP=1", "-d", server.dsn(db)],
        check=False,
        input=sql,
        text=True,
        capture_output=True,
        env=clean_environment(),
        cwd=REPOSITORY,
    )
    assert (done.returncode, done.stderr) == (0, "")
