"""Copying the rows of an older system into Ratebook: what is read there, and what became of it.

    tables = adopt.read(old_dsn, "rate_cards")
    report = adopt.copy(client, "rate_cards", tables, dry_run=True)

The database decides, in `compat.adopt()`: each row is copied whole or reported with the reason.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from ratebook.adopt.batches import merge, split
from ratebook.adopt.report import AdoptReport, OtherId, Refusal, TableCount
from ratebook.adopt.source import SYSTEMS, read

__all__ = ["SYSTEMS", "AdoptReport", "OtherId", "Refusal", "TableCount", "copy", "read"]

if TYPE_CHECKING:
    from ratebook import Client


def copy(
    client: "Client",
    system: str,
    tables: Mapping[str, Sequence[str]],
    *,
    dry_run: bool = False,
    on_progress: Callable[[int, int], None] = lambda _done, _rows: None,
) -> AdoptReport:
    """Copy what `read()` gave, in requests of some hundred rows; each is a transaction, and running it again is safe.

    For the service role. `on_progress` gets how many rows are done, of how many. Raises what `Client.adopt()` raises.
    """
    reports = []
    done, total = 0, sum(map(len, tables.values()))
    for batch in split(system, tables):
        reports.append((batch, client.adopt(system, batch.tables, dry_run=dry_run)))
        done += len(batch.tables[batch.table])
        on_progress(done, total)
    return merge(system, tables, reports, dry_run=dry_run)
