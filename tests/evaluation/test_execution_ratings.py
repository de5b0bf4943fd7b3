"""execution.leaderboard() against choix, which knows no fixed opponent: it gets one as an item of its own.

choix counts whole wins. With everything twice, a tie is one win each, a win two, and the half win and half loss
against the fixed opponent are one of each; twice the likelihood has its maximum at the same ratings. choix fits without
a penalty of its own (alpha=0) and centres its parameters: a rating is an item's parameter less the fixed opponent's.
"""

from __future__ import annotations

import math
import os
import random
import time
from collections.abc import Iterator
from itertools import combinations

import choix
import numpy as np
import psycopg
import pytest

from tests.modules import PROJECT
from tools import schema, servers

# The suite looks at a few; RATEBOOK_EVALUATIONS=50 at as many as the figures are of.
EVALUATIONS = int(os.environ.get("RATEBOOK_EVALUATIONS", "6"))
CASES = 20 if EVALUATIONS >= 50 else 3

MAKE = """
insert into auth.users (id) select md5(n::text)::uuid from generate_series(0, 9) as n;
insert into ai.providers (key, name) values ('acme', 'Acme');
insert into ai.models (key, name, provider_id)
select 'm' || n, 'M', p.id from generate_series(1, 100) as n, ai.providers as p;
"""
CREATE = """
select e.id from execution.create_evaluation(
  %s, (select jsonb_agg('m' || n order by n) from generate_series(1, %s) as n),
  (select jsonb_agg(jsonb_build_object('person', md5(n::text)::uuid)) from generate_series(1, %s) as n),
  lenser => md5('0')::uuid
) as e
"""
SCORE = """
with given as (
  select c.id as contender_id, c.lenser_id, c.evaluation_id, c.visibility, g.case_key, g.judge, g.value, r.id as run_id
  from unnest(%s::integer[], %s::text[], %s::integer[], %s::numeric[]) as g (number, case_key, judge, value)
  join execution.contenders as c on c.number = g.number and c.evaluation_id = %s
  cross join execution.start_run(c.evaluation_id, 'one') as r
),
submitted as (
  insert into execution.submissions
    (lenser_id, evaluation_id, visibility, run_id, contender_id, case_key, generation_id)
  select distinct on (contender_id, case_key)
    lenser_id, evaluation_id, visibility, run_id, contender_id, case_key, gen_random_uuid()
  from given
  returning *
)
select s.id, s.lenser_id, s.evaluation_id, s.visibility, s.run_id, j.id as judge_id, g.value
into temporary table scored
from submitted as s
join given as g on g.contender_id = s.contender_id and g.case_key = s.case_key
join execution.judges as j on j.evaluation_id = s.evaluation_id and j.person_id = md5(g.judge::text)::uuid
"""

Scores = list[tuple[int, str, int, int]]
"""(contender, case, judge, value)"""


@pytest.fixture(scope="module")
def db() -> Iterator[psycopg.Connection]:
    with servers.start(18) as server:
        server.create_database("ratings")
        schema.build_truth(server, "ratings", PROJECT)
        with psycopg.connect(server.dsn("ratings"), autocommit=True) as connection:
            connection.execute(MAKE)
            yield connection


def evaluate(
    db: psycopg.Connection, name: str, contenders: int, judges: int, scores: Scores
) -> str:
    """An evaluation with these scores, from people; its id."""
    row = db.execute(CREATE, [name, contenders, judges]).fetchone()
    assert row is not None
    evaluation = str(row[0])
    db.execute("select execution.change_evaluation(%s, 'open')", [evaluation])
    with db.transaction():
        # Written at once: what a call to score does is shown elsewhere.
        statement = SCORE.replace("into temporary table scored", "").strip()
        found = db.execute(
            statement, [*map(list, zip(*scores, strict=True)), evaluation]
        ).fetchall()
        with db.cursor() as cursor:
            cursor.executemany(
                "insert into execution.scores"
                " (submission_id, lenser_id, evaluation_id, visibility, run_id, judge_id, value)"
                " values (%s, %s, %s, %s, %s, %s, %s)",
                found,
            )
    return evaluation


def leaderboard(
    db: psycopg.Connection, evaluation: str
) -> dict[int, tuple[float, float, float, bool]]:
    """Number of a contender -> rating, mean, half an interval, and whether all are connected."""
    rows = db.execute(
        "select c.number, l.rating, l.mean, l.rating_high - l.rating, l.is_connected, l.rating - l.rating_low"
        " from execution.leaderboard(%s) as l join execution.contenders as c on c.id = l.contender_id",
        [evaluation],
    ).fetchall()
    assert all(row[3] is None or math.isclose(row[3], row[5], rel_tol=1e-9) for row in rows)
    return {row[0]: (row[1], float(row[2] or 0), row[3] or 0.0, row[4]) for row in rows}


def comparisons(scores: Scores) -> list[tuple[int, int]]:
    """Winner and loser of each comparison, twice; of a tie once each way."""
    said: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for contender, case, judge, value in scores:
        said.setdefault((case, judge), []).append((contender, value))
    found = []
    for group in said.values():
        for (one, its), (other, others) in combinations(group, 2):
            found += [(one, other) if its >= others else (other, one)]
            found += [(one, other) if its > others else (other, one)]
    return found


def peer(contenders: int, pairs: list[tuple[int, int]]) -> tuple[list[float], list[float]]:
    """choix's ratings, and half the intervals of numpy's inverse of the information."""
    virtual = [pair for n in range(1, contenders + 1) for pair in ((n, 0), (0, n))]
    fitted = choix.opt_pairwise(
        contenders + 1, pairs + virtual, alpha=0.0, method="Newton-CG", tol=1e-12
    )
    ratings = np.asarray(fitted[1:] - fitted[0])
    information = np.zeros((contenders, contenders))
    for winner, loser in pairs + virtual:
        chance = 1 / (1 + np.exp(fitted[loser] - fitted[winner]))
        weight = chance * (1 - chance) / 2
        for one, other in ((winner, loser), (loser, winner)):
            if one:
                information[one - 1, one - 1] += weight
                if other:
                    information[one - 1, other - 1] -= weight
    from_mean = np.eye(contenders) - 1 / contenders
    spread = from_mean @ np.linalg.inv(information) @ from_mean
    return list(ratings), list(1.959963984540054 * np.sqrt(np.diag(spread)))


def made_up(seed: int) -> tuple[int, int, Scores]:
    """Scores of 1 to 5, so that many tie. Every second evaluation has one who never loses, every third a pair apart."""
    chance = random.Random(seed)
    contenders, judges = chance.randint(4, 10), chance.randint(1, 4)
    skills = [chance.gauss(0, 1) for _ in range(contenders)]
    scores: Scores = []
    for case in range(chance.randint(2, 12)):
        # The last two answer cases of their own.
        apart = seed % 3 == 0 and case % 3 == 0
        taking_part = range(1, contenders + 1)
        if seed % 3 == 0:
            taking_part = (
                range(contenders - 1, contenders + 1) if apart else range(1, contenders - 1)
            )
        for judge in range(1, judges + 1):
            for contender in taking_part:
                if chance.random() < 0.85:
                    value = max(1, min(5, round(3 + skills[contender - 1] + chance.gauss(0, 1))))
                    unbeaten = seed % 2 == 0 and contender == 1
                    scores.append((contender, f"case {case}", judge, 6 if unbeaten else value))
    return contenders, judges, scores


def test_the_ratings_are_those_of_choix(db: psycopg.Connection) -> None:
    furthest = widest = 0.0
    seen = {"ties": 0, "unbeaten": 0, "unconnected": 0}
    for seed in range(EVALUATIONS):
        contenders, judges, scores = made_up(seed)
        pairs = comparisons(scores)
        found = leaderboard(db, evaluate(db, f"seed {seed}", contenders, judges, scores))
        ratings, halves = peer(contenders, pairs)
        assert len(found) == contenders
        for number, (rating, mean, half, _) in found.items():
            furthest = max(furthest, abs(rating - ratings[number - 1]))
            if half:
                widest = max(widest, abs(half - halves[number - 1]))
            own = [value for contender, _, _, value in scores if contender == number]
            assert mean == pytest.approx(sum(own) / len(own) if own else 0, abs=1e-11)
        losers = {loser for _, loser in pairs}
        seen["ties"] += any((loser, winner) in pairs for winner, loser in pairs)
        seen["unbeaten"] += 1 in found and 1 not in losers
        seen["unconnected"] += not found[1][3]
    print(
        f"{EVALUATIONS} evaluations: ratings within {furthest:.1e} of choix, intervals {widest:.1e}; {seen}"
    )
    assert furthest < 1e-6
    assert widest < 1e-5
    assert min(seen.values()) >= EVALUATIONS // 5


def test_a_hundred_contenders_are_rated(db: psycopg.Connection) -> None:
    chance = random.Random(1)
    scores = [
        (contender, f"case {case}", judge, round(contender / 10 + chance.gauss(0, 3)))
        for case in range(CASES)
        for judge in (1, 2, 3)
        for contender in range(1, 101)
    ]
    evaluation = evaluate(db, "a hundred", 100, 3, scores)
    found = leaderboard(db, evaluation)
    # At the maximum everybody wins as often as the ratings expect. (choix takes minutes for as many.)
    games = np.zeros((101, 101))
    wins = np.zeros((101, 101))
    for winner, loser in comparisons(scores):
        wins[winner, loser] += 0.5
        games[winner, loser] += 0.5
        games[loser, winner] += 0.5
    wins[1:, 0] = wins[0, 1:] = 0.5
    games[1:, 0] = games[0, 1:] = 1
    rating = np.array([0.0, *(found[n][0] for n in range(1, 101))])
    expected = (games / (1 + np.exp(rating[None, :] - rating[:, None]))).sum(axis=1)
    assert np.abs(wins.sum(axis=1) - expected)[1:].max() < 1e-6
    seconds = []
    for _ in range(3 if EVALUATIONS >= 50 else 1):
        start = time.perf_counter()
        leaderboard(db, evaluation)
        seconds.append(time.perf_counter() - start)
    print(f"100 contenders, {len(scores):,} scores: {min(seconds):.2f} s")
