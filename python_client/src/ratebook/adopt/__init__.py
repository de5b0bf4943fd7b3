"""Copying the rows of an older system into Ratebook: what is read there, and what became of it.

    rows = adopt.read(old_dsn, "rate_cards")
    report = client.adopt("rate_cards", rows, dry_run=True)

The database decides, in `compat.adopt()`: each row is copied whole or reported with the reason.
"""

from ratebook.adopt.report import AdoptReport, OtherId, Refusal, TableCount
from ratebook.adopt.source import SYSTEMS, read

__all__ = ["SYSTEMS", "AdoptReport", "OtherId", "Refusal", "TableCount", "read"]
