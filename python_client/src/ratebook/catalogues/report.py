"""What an import did, or would do."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """Counts of rows; after a dry run, of those that would be written.

    `providers`: added. `models`: added, changed (repriced among them), unchanged, removed. `aliases`: added, taken (a
    name that means another model already). `prices`: added, changed, unchanged, withdrawn. `unmapped`: how many numbers
    that carry money became no price, by their key.
    """

    source: str
    dry_run: bool
    providers: Mapping[str, int]
    models: Mapping[str, int]
    aliases: Mapping[str, int]
    prices: Mapping[str, int]
    unmapped: Mapping[str, int]

    @property
    def changes_nothing(self) -> bool:
        """Whether the catalogue said what is here already."""
        kept = {"unchanged", "taken"}
        parts = (self.providers, self.models, self.aliases, self.prices)
        return not any(count for part in parts for name, count in part.items() if name not in kept)


REPORT = TypeAdapter(ImportReport)
