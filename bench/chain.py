"""Every pinned release of LiteLLM's catalogue, imported one after the other into one database.

    .venv/bin/python -m bench.chain             # or: make chain

The table says what each release's entries came to. At the end the database must say what one import of the last
release says, history aside: names, prices in force, active models. Odd prices are accepted as they come, so that both
have all of them; `held` counts them. Exit status: 0 where both say the same, 1 where not.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from bench import agreement
from ratebook import catalogues
from ratebook.catalogues import Feed, Flaw
from tools import releases, schema, servers
from tools.project import REPOSITORY, Project, ToolError

# What a database says today, with the row's meaning in its first column.
SAYS: Final = {
    "names": """
        select a.alias, p.key, m.provider_model_key
        from ai.model_aliases as a
        inner join ai.models as m on m.id = a.model_id
        inner join ai.providers as p on p.id = m.provider_id
        where m.status <> 'retired'
    """,
    "prices": """
        select
          p.key, m.provider_model_key, f.meter, f.service_tier, f.variant, f.region, f.context_threshold,
          f.threshold_inclusive, f.window_start::text, f.window_end::text, f.window_days, f.window_time_zone,
          f.currency, trim_scale(f.price_per_unit)::text
        from (
          select distinct on (
            q.model_id, q.meter, q.service_tier, q.variant, q.region, q.context_threshold, q.window_start,
            q.window_end, q.window_days, q.window_time_zone, q.currency
          ) q.*
          from ai.model_pricing as q
          where q.source = 'litellm' and q.effective_from <= now()
          order by
            q.model_id, q.meter, q.service_tier, q.variant, q.region, q.context_threshold, q.window_start,
            q.window_end, q.window_days, q.window_time_zone, q.currency, q.effective_from desc, q.revision desc
        ) as f
        inner join ai.models as m on m.id = f.model_id
        inner join ai.providers as p on p.id = m.provider_id
        where not f.withdrawn
    """,
    "models": """
        select p.key, m.provider_model_key
        from ai.models as m
        inner join ai.providers as p on p.id = m.provider_id
        where m.is_active and m.status <> 'retired'
    """,
}
HEADS: Final = (
    *("release", "entries", "models", "prices", "mended", "left out", "other names", "held"),
    *("taken", "seconds"),
)


@dataclass(frozen=True)
class Step:
    """An import and what it came to."""

    feed: Feed
    held: int
    taken: int
    seconds: float


def imported(connection: psycopg.Connection[Any], feed: Feed) -> Step:
    """Import a catalogue as an admin does who accepts what was held back."""
    begin = time.perf_counter()
    report = agreement.imported(connection, feed)
    held = report["held"]
    if held:
        agreement.imported(connection, feed, [price["model"] for price in held])
    return Step(feed, len(held), len(report["taken"]), time.perf_counter() - begin)


def differences(
    one: psycopg.Connection[Any], other: psycopg.Connection[Any]
) -> Iterator[tuple[str, int, int, list[Any]]]:
    """What only one of two databases says: of what kind, how much on each side, and some of it."""
    for kind, query in SAYS.items():
        mine, theirs = ({*connection.execute(query)} for connection in (one, other))
        found = sorted(mine ^ theirs, key=str)
        yield kind, len(mine - theirs), len(theirs - mine), found[:5]


def kinds(flaws: Sequence[Flaw]) -> str:
    """How many of each kind."""
    counts = Counter(flaw.kind for flaw in flaws)
    return ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items())) or "0"


def cells(version: str, step: Step) -> list[str]:
    """A line of the table."""
    feed = step.feed
    alone = [flaw for flaw in feed.skipped if flaw.kind != "format"]
    return [
        version,
        f"{len(feed.models) + len(feed.left_out) + len(alone):,}",
        f"{len(feed.models):,}",
        f"{feed.price_count:,}",
        *(kinds(flaws) for flaws in (feed.mended, feed.left_out, alone)),
        str(step.held),
        str(step.taken),
        f"{step.seconds:.1f}",
    ]


def run() -> int:
    """Import all, print the table, and compare with one import of the last."""
    with servers.start(18, {"work_mem": "128MB"}) as server:
        project = Project(REPOSITORY)
        for name in ("chain", "fresh"):
            server.create_database(name)
            schema.build_truth(server, name, project)
        print("|", " | ".join(HEADS), "|")
        print("|---" * len(HEADS) + "|")
        with server.connect("chain") as chain, server.connect("fresh") as fresh:
            for version in releases.versions():
                feed = catalogues.parse("litellm", releases.catalogue(version))
                step = imported(chain, feed)
                chain.commit()
                print("|", " | ".join(cells(version, step)), "|", flush=True)
            imported(fresh, feed)
            fresh.commit()
            found = list(differences(chain, fresh))
    for kind, more, less, some in found:
        print(f"{kind}: {more} only after the chain, {less} only after one import {some or ''}")
    return int(any(more or less for _, more, less, _ in found))


if __name__ == "__main__":
    try:
        sys.exit(run())
    except ToolError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
