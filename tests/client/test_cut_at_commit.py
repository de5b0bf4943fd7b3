"""A real PostgREST whose connection to the database breaks when it commits: the effect is there, the answer is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import psycopg
import pytest
from postgrest import SyncPostgrestClient

from ratebook import Client
from tests.postgrest import Cutter, postgrest


@pytest.fixture
def cutter(ratebook_stack: Any) -> Iterator[tuple[Cutter, str]]:
    """The cutter, and the URL of a PostgREST that reaches the stack's database through it."""
    database = Path(str(psycopg.conninfo.conninfo_to_dict(ratebook_stack.dsn)["host"]))
    with TemporaryDirectory(prefix="ratebook-") as folder:
        cutter = Cutter(Path(folder), database)
        dsn = f"postgresql://authenticator@localhost/postgres?host={folder}&sslmode=disable"
        try:
            with postgrest(dsn) as url:
                yield cutter, url
        finally:
            cutter.close()


def test_a_connection_that_breaks_at_commit_charges_once(
    ratebook_stack: Any, cutter: tuple[Cutter, str], new_user: Callable[..., UUID]
) -> None:
    cuts, url = cutter
    ada = new_user()
    headers = {"Authorization": f"Bearer {ratebook_stack.service_key}"}
    with SyncPostgrestClient(url, headers=headers) as postgrest_client:
        account = Client.from_supabase(postgrest_client).account(ada, owner=ada)
        account.grant(10)
        cuts.cuts = 1
        charged = account.charge("gpt-4o-mini", {"input": 1000, "output": 500})
        assert cuts.cuts == 0
        assert (charged.credits, charged.balance.posted) == (Decimal("0.585"), Decimal("9.415"))
        assert [entry.amount for entry in account.statement()] == [10, Decimal("-0.585")]
