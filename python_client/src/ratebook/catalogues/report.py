"""What an import did, or would do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ratebook.adapter import Adapter


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """Counts of rows; after a dry run, of those that would be written.

    `providers`: added. `models`: added, changed (repriced among them), unchanged, removed. `aliases`: added, removed,
    taken (a name that means another model already). `prices`: added, changed, unchanged, withdrawn. `unmapped`: how
    many numbers that carry money became no price, by their key.

    By name: `held`, prices that are so far from others that they wait to be accepted; `pinned`, prices that an admin
    has set; `skipped`, models that were left out and stay as they are; `taken`, the names of others; `own_prices`,
    models that follow another source and miss meters that the catalogue has. `ai.import_catalogue()` says more of each.
    """

    source: str
    dry_run: bool
    providers: Mapping[str, int]
    models: Mapping[str, int]
    aliases: Mapping[str, int]
    prices: Mapping[str, int]
    unmapped: Mapping[str, int]
    held: Sequence[Mapping[str, Any]] = ()
    pinned: Sequence[Mapping[str, Any]] = ()
    skipped: Sequence[Mapping[str, Any]] = ()
    taken: Sequence[Mapping[str, Any]] = ()
    own_prices: Sequence[Mapping[str, Any]] = ()

    @property
    def changes_nothing(self) -> bool:
        """Whether the catalogue said what is here already."""
        kept = {"unchanged", "taken"}
        parts = (self.providers, self.models, self.aliases, self.prices)
        waits = self.held or self.pinned
        return not waits and not any(
            count for part in parts for name, count in part.items() if name not in kept
        )


REPORT = Adapter(ImportReport)
