"""Does Ratebook cost what a catalogue's own calculator says? Every token-priced model, at least 20 usages each.

    .venv-bench/bin/python -m bench.agreement litellm            # or: genai-prices
    .venv-bench/bin/python -m bench.agreement litellm --json --limit 100

A throw-away PostgreSQL imports the catalogue of the installed package; the package's calculator (the oracle) and
Ratebook price the same quantities, and every difference is put into a class with an explanation that is checked, case
by case, by calculating again. Exit status: 0 where every difference has a class, 1 where one has none, 2 for a mistake.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Protocol

import psycopg

from ratebook.catalogues import Feed
from tools import schema, servers
from tools.project import REPOSITORY, Project, ToolError

DATABASE: Final = "agreement"
# An oracle in binary floating point is itself this far from the exact sum.
TOLERANCE: Final = Decimal("1e-12")
ORACLES: Final = {"litellm": "bench.oracle_litellm", "genai-prices": "bench.oracle_genai_prices"}
UNPRICED: Final = "unpriced"
UNEXPLAINED: Final = "unexplained"


@dataclass(slots=True)
class Case:
    """One request, in Ratebook's words, and what the oracle says it costs.

    `name`: the catalogue's name of the model, `model`: its place in the feed, `kind`: which calculator of the oracle
    prices it, `shape`: what the usage is an example of. `refusal`: why the oracle names no cost.
    """

    name: str
    model: int
    kind: str
    shape: str
    usage: dict[str, int]
    at: datetime
    service_tier: str = "standard"
    variant: str | None = None
    region: str | None = None
    cost: Decimal | None = None
    refusal: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What Ratebook says: the cost of what has a price, and the meters that have none."""

    cost: Decimal
    unpriced: tuple[str, ...]


class Oracle(Protocol):
    """A catalogue and its calculator."""

    TITLE: str
    # class of disagreement → why it is there
    CLASSES: Mapping[str, str]

    def feed(self) -> Feed:
        """The catalogue, read by the parser that `ratebook import` uses."""

    def cases(self, feed: Feed, limit: int | None) -> Iterator[Case]:
        """The requests, priced by the oracle."""

    def has_price(self, case: Case, meter: str) -> bool:
        """Whether the catalogue has any price, 0 included, for this meter or one that it is a part of."""

    def explain(self, case: Case, answer: Answer) -> str | None:
        """The class of a disagreement about what is priced; None where nothing explains it."""


@dataclass
class Group:
    """The disagreements of one class."""

    count: int = 0
    models: set[str] = field(default_factory=set)
    shapes: Counter[str] = field(default_factory=Counter)
    examples: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Result:
    """What a run found."""

    catalogue: str
    models: int = 0
    token_models: int = 0
    fewest_usages: int = 0
    compared: int = 0
    equal: int = 0
    refused_by_both: int = 0
    held: int = 0
    price_rows: int = 0
    untouched: dict[str, int] = field(default_factory=dict)
    kinds: dict[str, list[int]] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=lambda: defaultdict(Group))
    seconds: dict[str, float] = field(default_factory=dict)


# ------------------------------------------------------------------ Ratebook


@contextmanager
def a_database(feed: Feed) -> Iterator[tuple[psycopg.Connection[Any], int]]:
    """A throw-away database with the catalogue in it, and how many of its prices were held back as odd before."""
    with servers.start(18, {"work_mem": "128MB"}) as server:
        server.create_database(DATABASE)
        schema.build_truth(server, DATABASE, Project(REPOSITORY))
        with server.connect(DATABASE) as connection:
            connection.execute("set role service_role")
            held = imported(connection, feed)["held"]
            if held:
                imported(connection, feed, [price["model"] for price in held])
            connection.execute("reset role")
            connection.execute("analyze")
            yield connection, len(held)


def imported(
    connection: psycopg.Connection[Any], feed: Feed, accept: Sequence[str] = ()
) -> dict[str, Any]:
    """The report of an import; `accept` names the models whose odd prices are let through."""
    row = connection.execute(
        "select ai.import_catalogue(source => %s, models => %s::jsonb, accept => %s)",
        [feed.source, json.dumps(feed.to_json()), sorted(set(accept))],
    ).fetchone()
    assert row is not None
    found: dict[str, Any] = row[0]
    return found


def priced(connection: psycopg.Connection[Any], feed: Feed, cases: Sequence[Case]) -> list[Answer]:
    """What Ratebook says, for all cases in one statement."""
    ids = {
        (provider, key): model_id
        for provider, key, model_id in connection.execute(
            """
            select p.key, m.provider_model_key, m.id
            from ai.models as m inner join ai.providers as p on p.id = m.provider_id
            """
        )
    }
    connection.execute(
        """
        create temp table cases (
          number integer, model_id uuid, usage jsonb, service_tier text, variant text, region text, at timestamptz
        )
        """
    )
    with (
        connection.cursor() as cursor,
        cursor.copy("copy cases from stdin") as copy,
    ):
        for number, case in enumerate(cases):
            model = feed.models[case.model]
            copy.write_row(
                (
                    number,
                    ids[model.provider, model.provider_model_key],
                    json.dumps(case.usage),
                    case.service_tier,
                    case.variant,
                    case.region,
                    case.at,
                )
            )
    connection.execute("analyze cases")
    connection.execute(
        """
        create temp table lines as
        select c.number, l.*
        from cases as c
        cross join lateral ratebook.find_sheet(
          c.model_id, %s, 'USD', c.usage, c.service_tier, c.variant, c.region, c.at
        ) as s
        cross join lateral ratebook.price_usage(s, ratebook.whole_usage(s.prices, c.usage)) as l
        """,
        [feed.source],
    )
    answers = [Answer(Decimal(0), ())] * len(cases)
    for number, cost, unpriced in connection.execute(
        """
        select
          l.number,
          coalesce(sum(l.cost), 0),
          coalesce(array_agg(l.meter) filter (where l.unit_price is null and l.quantity <> 0), '{}')
        from lines as l
        group by l.number
        """
    ):
        answers[number] = Answer(cost, tuple(sorted(unpriced)))
    return answers


def untouched(connection: psycopg.Connection[Any]) -> tuple[int, dict[str, int]]:
    """How many price rows there are, and how many of each kind priced none of the requests."""
    row = connection.execute("select count(*) from ai.model_pricing").fetchone()
    assert row is not None
    left = connection.execute(
        """
        select
          concat_ws(
            ' ', p.meter, nullif(p.service_tier, 'standard'), p.variant, p.region,
            case when p.context_threshold is not null then 'long' end,
            case when p.window_start is not null then 'window' end,
            case when p.withdrawn then 'end' end
          ) as kind,
          count(*)
        from ai.model_pricing as p
        where not exists (select from lines as l where l.price_id = p.id and l.quantity <> 0)
        group by kind
        order by count(*) desc, kind
        """
    ).fetchall()
    return row[0], dict(left)


# ------------------------------------------------------------------ comparing


def equal(one: Decimal, other: Decimal) -> bool:
    """Equal to a relative 1e-12."""
    return abs(one - other) <= TOLERANCE * max(abs(one), abs(other))


def compare(oracle: Oracle, name: str, limit: int | None) -> Result:
    """Prices everything twice and sorts the differences."""
    result = Result(name)
    begin = time.perf_counter()

    def lap(part: str) -> None:
        nonlocal begin
        now = time.perf_counter()
        result.seconds[part] = round(now - begin, 1)
        begin = now

    feed = oracle.feed()
    lap("parser")
    cases = list(oracle.cases(feed, limit))
    lap("oracle")
    with a_database(feed) as (connection, result.held):
        lap("import")
        answers = priced(connection, feed, cases)
        lap("ratebook")
        result.price_rows, result.untouched = untouched(connection)

    usages: Counter[str] = Counter(case.name for case in cases if case.kind in TOKEN_KINDS)
    result.models = len(feed.models)
    result.token_models = len(usages)
    result.fewest_usages = min(usages.values(), default=0)
    for case, answer in zip(cases, answers, strict=True):
        tally = result.kinds.setdefault(case.kind, [0, 0])
        result.compared += 1
        tally[0] += 1
        if case.cost is None and answer.unpriced:
            result.refused_by_both += 1
            tally[1] += 1
            continue
        if case.cost is not None and not answer.unpriced and equal(case.cost, answer.cost):
            result.equal += 1
            tally[1] += 1
            continue
        found = None
        if (
            case.cost is not None
            and answer.unpriced
            and equal(case.cost, answer.cost)
            and not any(oracle.has_price(case, meter) for meter in answer.unpriced)
        ):
            found = UNPRICED
        elif not answer.unpriced:
            found = oracle.explain(case, answer)
        _put(result.groups[found or UNEXPLAINED], case, answer)
    lap("explaining")
    return result


TOKEN_KINDS: Final = frozenset({"tokens", "batch"})


def _put(group: Group, case: Case, answer: Answer) -> None:
    group.count += 1
    group.shapes[case.shape] += 1
    if case.name not in group.models:
        group.models.add(case.name)
        if len(group.examples) < EXAMPLES:
            group.examples.append(
                {
                    **{key: value for key, value in asdict(case).items() if value is not None},
                    "at": case.at.isoformat(),
                    "cost": None if case.cost is None else str(case.cost),
                    "ratebook": str(answer.cost),
                    "unpriced": list(answer.unpriced),
                }
            )


EXAMPLES: Final = 25


# ------------------------------------------------------------------ saying


def as_text(result: Result, oracle: Oracle) -> Iterator[str]:
    """The result for people."""
    different = result.compared - result.equal - result.refused_by_both
    yield f"Ratebook and {oracle.TITLE}"
    yield f"  models in the catalogue            {result.models:>9,}"
    yield f"  prices held back, then accepted    {result.held:>9,}"
    yield f"  names of token-priced models       {result.token_models:>9,}"
    yield f"  fewest usages of one of them       {result.fewest_usages:>9,}"
    yield f"  requests compared                  {result.compared:>9,}"
    yield f"  equal within 1e-12                 {result.equal:>9,}"
    yield f"  refused by both                    {result.refused_by_both:>9,}"
    yield f"  different, in {len(result.groups):>2} classes            {different:>9,}"
    used = result.price_rows - sum(result.untouched.values())
    yield f"  price rows that priced a request   {used:>9,} of {result.price_rows:,}"
    yield ""
    yield "By calculator: compared, agreed"
    for kind, (compared, agreed) in sorted(result.kinds.items()):
        yield f"  {kind:<34} {compared:>9,} {agreed:>9,}"
    for name, group in sorted(result.groups.items(), key=lambda pair: -pair[1].count):
        yield ""
        yield f"{name}: {group.count:,} requests, {len(group.models):,} models"
        yield f"  {explanation(oracle, name)}"
        shapes = ", ".join(f"{shape} {count}" for shape, count in group.shapes.most_common(6))
        yield f"  {shapes}"
        for example in group.examples[: 25 if name == UNEXPLAINED else 1]:
            where = "/".join(
                str(example[key])
                for key in ("service_tier", "variant", "region")
                if example.get(key) not in (None, "standard")
            )
            said = example["refusal"] if example["cost"] is None else example["cost"]
            no_price = f", no price for {', '.join(example['unpriced'])}" * bool(
                example["unpriced"]
            )
            yield (
                f"  {example['name']} [{example['shape']}] {json.dumps(example['usage'])} {where} at {example['at']}:"
                f" the calculator {said}, Ratebook {example['ratebook']}{no_price}"
            )
    yield ""
    yield "Seconds: " + ", ".join(f"{part} {spent}" for part, spent in result.seconds.items())


def explanation(oracle: Oracle, name: str) -> str:
    """Why a class of disagreements is there."""
    if name == UNPRICED:
        return (
            "The catalogue has no price for a part of the usage. The calculator counts that part as "
            "free; Ratebook raises an error that names the meter: unknown is an error, never zero."
        )
    return oracle.CLASSES.get(name, "NOTHING EXPLAINS THESE.")


def as_json(result: Result, oracle: Oracle) -> dict[str, Any]:
    """The result for programs."""
    return {
        **{key: value for key, value in vars(result).items() if key != "groups"},
        "groups": {
            name: {
                "count": group.count,
                "models": len(group.models),
                "explanation": None if name == UNEXPLAINED else explanation(oracle, name),
                "shapes": dict(group.shapes.most_common()),
                "examples": group.examples,
            }
            for name, group in sorted(result.groups.items(), key=lambda pair: -pair[1].count)
        },
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare Ratebook's cost with a catalogue's own calculator, on every model of the catalogue."""
    parser = argparse.ArgumentParser(prog="python -m bench.agreement", description=main.__doc__)
    parser.add_argument("catalogue", choices=list(ORACLES))
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--limit", type=int, metavar="N", help="the first N models only")
    options = parser.parse_args(arguments)
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    try:
        oracle: Oracle = importlib.import_module(ORACLES[options.catalogue]).ORACLE
        result = compare(oracle, options.catalogue, options.limit)
    except ImportError as error:
        print(f"{error.name} is not installed: make .venv-bench/installed", file=sys.stderr)
        return 2
    except ToolError as error:
        print(error, file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps(as_json(result, oracle), indent=2))
    else:
        print("\n".join(as_text(result, oracle)))
    return int(UNEXPLAINED in result.groups)


if __name__ == "__main__":
    sys.exit(main())
