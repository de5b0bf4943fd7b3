"""Old months become files, and what happens is fed to a warehouse."""

from __future__ import annotations

import gzip
import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg import sql
from typer.testing import CliRunner

from ratebook import months
from ratebook.cli import app
from ratebook.errors import RatebookError
from tests.faults.copies import run
from tests.faults.wallet import Shop, call, charge
from tests.scale.test_moves import newer
from tools.project import REPOSITORY, clean_environment
from tools.servers import Server

__all__ = ["newer"]

OLD = """
select ai.backfill_generations(jsonb_agg(jsonb_build_object(
  'lenser_id', %(owner)s::uuid, 'model_id', m.id, 'feature_key', 'chat', 'created_at', %(at)s::timestamptz
  + n * interval '1 hour', 'usage', '{"input": 3}'::jsonb,
  'prompt', case when n %% 2 = 0 then E'a "quoted", line\\nand another' else '' end
))) from ai.models as m, generate_series(1, 30) as n where m.key = 'm'
"""


def test_old_months_become_files_and_leave_the_database(shop: Shop, tmp_path: Path) -> None:
    (owner,) = shop.lensers(1)
    dsn = shop.server.dsn(shop.name)
    for at in ("2020-03-05Z", "2020-05-05Z"):
        shop.db.execute(OLD, {"owner": owner, "at": at})
    before = shop.db.execute(
        "select * from ai.generations where lenser_id = %s order by id", [owner]
    ).fetchall()
    assert len(before) == 60
    command = ["months", "archive", dsn, str(tmp_path), "--before", "2020-04-01"]
    said = CliRunner().invoke(app, command)
    assert said.exit_code == 0, said.output
    assert "ratebook.ai_generations_2020_03: 30 rows" in said.output
    name = "ratebook.ai_generations_2020_03"
    facts = json.loads((tmp_path / f"{name}.json").read_text())
    assert facts["rows"] == 30
    assert facts["columns"][:2] == ["id", "lenser_id"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{name}.csv.gz", f"{name}.json"]
    # Again it writes nothing; a file that is another's is seen, and the table stays.
    assert CliRunner().invoke(app, command).output == "No month is to be archived.\n"
    file = tmp_path / f"{name}.csv.gz"
    whole = file.read_bytes()
    file.write_bytes(whole[:-9])
    with pytest.raises(RatebookError, match="is not what"):
        months.archive(dsn, months.list_months(dsn)[0].until, tmp_path, drop=True)
    file.write_bytes(whole)
    said = CliRunner().invoke(app, [*command, "--drop"])
    assert said.exit_code == 0, said.output
    assert shop.value("select to_regclass(%s)", name) is None
    assert shop.db.execute("select * from ai.self_check() where severity <> 'ok'").fetchall() == []
    # The rows come back from the file as they were.
    shop.db.execute("create temporary table again (like ai.generations)")
    with shop.db.cursor().copy("copy again from stdin (format csv, header)") as copy:
        copy.write(gzip.decompress(whole))
    assert shop.db.execute("select * from again order by id").fetchall() == before[:30]
    assert shop.value("select count(*) from ai.generations where lenser_id = %s", owner) == 30
    shop.db.execute("drop table again")


@pytest.fixture
def warehouse(shop: Shop, newer: Server) -> Iterator[Shop]:
    """A database that reads the feed."""
    found = subprocess.run(
        [shop.server.bin("psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-f", REPOSITORY / "scale" / "warehouse.sql",
         "-d", shop.server.dsn(shop.name)],
        check=True, text=True, capture_output=True, env=clean_environment(),
    )  # fmt: skip
    newer.create_database("warehouse")
    run(
        newer, "psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-c", found.stdout, "-d", newer.dsn("warehouse"),
        PGOPTIONS="-c client_min_messages=warning",
    )  # fmt: skip
    with newer.connect("warehouse") as db:
        db.execute(
            sql.SQL(
                "create subscription warehouse connection {} publication ratebook_warehouse"
            ).format(sql.Literal(shop.server.dsn(shop.name)))
        )
        yield Shop(newer, "warehouse", db)
        db.execute("drop subscription warehouse")
    shop.db.execute("drop publication ratebook_warehouse")


def test_a_warehouse_is_fed_without_prompts(shop: Shop, warehouse: Shop) -> None:
    (account,) = shop.lensers(1)
    with shop.connect() as backend:
        call(backend, "grant_credits", account=account, amount=100)
        paid = call(
            backend, "charge_generation", **charge(account, 1000, prompt="secret", feature=None)
        )
    there = (
        "select m.key, g.status, c.credits, e.amount from billing.charges as c"
        " join ai.generations as g on g.id = c.generation_id and g.lenser_id = c.lenser_id"
        " join ai.models as m on m.id = c.model_id"
        " join billing.ledger_entries as e on e.charge_id = c.id and e.lenser_id = c.lenser_id"
        " where c.id = %s"
    )
    end = time.monotonic() + 60
    while (found := warehouse.db.execute(there, [paid["charge_id"]]).fetchall()) == []:
        assert time.monotonic() < end
        time.sleep(0.05)
    assert [tuple(map(str, row)) for row in found] == [("m", "completed", "2.6", "-2.6")]
    columns = "select string_agg(column_name, ' ') from information_schema.columns where table_schema = 'ai'"
    assert "prompt" not in warehouse.value(columns)
    # Dropping a month here takes nothing away there.
    total = "select sum(credits) from billing.charges"
    assert warehouse.value(total) == shop.value(total)
