"""What copying did, or would do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ratebook.adapter import Adapter


@dataclass(frozen=True, slots=True, kw_only=True)
class TableCount:
    """Rows of one table: `read` is the sum of the others."""

    read: int
    added: int
    changed: int
    unchanged: int
    refused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A row that was not copied, and why.

    `id` is its id in the old database, `error` the token of one of Ratebook's own errors, `code` the SQLSTATE.
    """

    table: str
    id: str | int | None
    key: str
    error: str | None
    code: str
    message: str
    hint: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherId:
    """A row that was here before, under another id."""

    table: str
    old: str | int
    here: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptReport:
    """What became of every row.

    `made`: providers and models that rows only name. `unmapped`: by table.column, how many rows have a value that has
    no place.
    """

    system: str
    dry_run: bool
    tables: Mapping[str, TableCount]
    made: Sequence[str]
    refused: Sequence[Refusal]
    unmapped: Mapping[str, int]
    ids: Sequence[OtherId]

    @property
    def is_whole(self) -> bool:
        """Whether every value of every row has its place in Ratebook."""
        return not self.refused and not self.unmapped


REPORT = Adapter(AdoptReport)
