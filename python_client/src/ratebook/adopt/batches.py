"""A database is copied in requests that are short enough for any gateway, and reported as one."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import groupby
from typing import Any, Final

from ratebook.adopt.report import AdoptReport, TableCount

BATCH_SIZE: Final = 250


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of `table`, beside the rows that these need: a dry run forgets those of the batch before."""

    table: str
    tables: dict[str, list[str]]


def split(
    system: str, tables: Mapping[str, Sequence[str]], size: int = BATCH_SIZE
) -> Iterator[Batch]:
    """The rows of `ratebook.adopt.read()` in requests of about `size`; what depends on each other stays together.

    Only the table that the system is named after has prices, which take time; the others are one request each.
    """
    providers: dict[str, str] = {}
    for place, (table, rows) in enumerate(tables.items()):
        if table == system:
            for group in _groups([(json.loads(row), row) for row in rows], size):
                needed = {
                    str(row.get(name)) for row, _ in group for name in ("provider_id", "provider")
                }
                context = list(
                    dict.fromkeys(row for name, row in providers.items() if name in needed)
                )
                yield Batch(table, _tables(tables, context) | {table: [row for _, row in group]})
            continue
        if rows:
            context = list(dict.fromkeys(providers.values()))
            yield Batch(table, _tables(tables, context) | {table: list(rows)})
        if place == 0:
            for text in rows:
                row = json.loads(text)
                providers |= {str(row[name]): text for name in ("id", "name") if name in row}


def merge(
    system: str,
    tables: Mapping[str, Sequence[str]],
    reports: Sequence[tuple[Batch, AdoptReport]],
    *,
    dry_run: bool,
) -> AdoptReport:
    """One report of all batches, each for its own table."""
    counts: dict[str, Counter[str]] = {table: Counter() for table in tables}
    unmapped: Counter[str] = Counter()
    for batch, report in reports:
        found = report.tables[batch.table]
        counts[batch.table].update(
            {field.name: getattr(found, field.name) for field in fields(found)}
        )
        unmapped.update(_own(batch, report.unmapped))
    names = [field.name for field in fields(TableCount)]
    return AdoptReport(
        system=system,
        dry_run=dry_run,
        tables={
            table: TableCount(**{name: count[name] for name in names})
            for table, count in counts.items()
        },
        made=list(dict.fromkeys(made for _, report in reports for made in report.made)),
        refused=[
            row for batch, report in reports for row in report.refused if row.table == batch.table
        ],
        unmapped=dict(unmapped),
        ids=[row for batch, report in reports for row in report.ids if row.table == batch.table],
    )


def _tables(tables: Mapping[str, Sequence[str]], context: list[str]) -> dict[str, list[str]]:
    return {next(iter(tables)): context} if context else {}


def _own(batch: Batch, unmapped: Mapping[str, int]) -> dict[str, int]:
    return {name: rows for name, rows in unmapped.items() if name.startswith(f"{batch.table}.")}


def _groups(
    rows: list[tuple[dict[str, Any], str]], size: int
) -> Iterator[list[tuple[dict[str, Any], str]]]:
    """Rows in one order. All defaults are together, and all cards of a model: each decides about the next."""

    def bundle(item: tuple[dict[str, Any], str]) -> tuple[Any, ...]:
        row, text = item
        if row.get("is_default"):
            return (0,)
        card = (str(row.get("provider")), str(row.get("model")))
        return (1, *card) if "effective_from" in row else (1, text)

    group: list[tuple[dict[str, Any], str]] = []
    for _, bundled in groupby(sorted(rows, key=lambda item: (bundle(item), item[1])), bundle):
        group += bundled
        if len(group) >= size:
            yield group
            group = []
    if group:
        yield group
