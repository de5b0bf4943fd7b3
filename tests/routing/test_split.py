"""The weighted split on every kind of server, over 10,000 subjects on one of them, against tests/routing/split.py."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter
from collections.abc import Mapping

import pytest

from tests.modules import PROJECT
from tests.routing.split import chi_square, order
from tools import schema, servers

FEATURE = "00000000-0000-4000-8000-00000000f001"
MODELS = {letter: f"00000000-0000-4000-8000-00000000000{n}" for n, letter in enumerate("abcd", 1)}
LETTERS = {model: letter for letter, model in MODELS.items()}
SUBJECTS = 10_000
SOME = 1_000
SERVERS = ("15", "18", "pglite")
WHOLE = pytest.mark.parametrize("answers", ["18"], indirect=True)
SPLITS: Mapping[str, tuple[float, ...]] = {
    "70/20/10": (70, 20, 10, 0),
    "60/20/10": (60, 20, 10, 0),
    "70/30/10": (70, 30, 10, 0),
    "70/20/10/5": (70, 20, 10, 5),
    "a third": (1, 1, 1, 0),
    "far apart": (0.001, 1e-9, 1000, 0),
}
PGLITE = PROJECT.root / "tests" / "migrations" / "pglite.cjs"

# What is asked of each server: the order of every subject under every split, as letters. One server splits all subjects
# by the first weights and those that follow from them; some are enough to see that others give the same answers.
ASKED = """
insert into ai.features (key, id) values ('chat', '{feature}');
insert into ai.providers (key, name) values ('acme', 'Acme');
insert into ai.models (id, key, name, provider_id)
select m.value::uuid, m.key, m.key, p.id from jsonb_each_text('{models}') as m, ai.providers as p;
insert into ai.feature_model_policies (feature_key, model_id) select 'chat', m.id from ai.models as m;
create table public.answers (split text, orders text);
do $$
declare
  v_split record;
begin
  for v_split in select s.key, s.value from jsonb_each('{splits}') as s loop
    update ai.feature_model_policies as p set weight = (v_split.value ->> m.key)::numeric
    from ai.models as m where m.id = p.model_id;
    insert into public.answers
    select v_split.key, string_agg(r.models, ' ' order by s.number)
    from generate_series(1, case when v_split.key = any('{{{whole}}}') then {subjects} else {some} end) as s (number)
    cross join lateral (
      select string_agg(f.model, '' order by f.place) as models
      from ai.route_feature('chat', '{{}}', 'subject ' || s.number) as f
    ) as r;
  end loop;
end;
$$;
select jsonb_object_agg(a.split, a.orders)::text from public.answers as a;
"""


def question(server: str) -> str:
    """The statements for a server; the last one answers."""
    whole = tuple(SPLITS)[:4] if server == "18" else ()
    splits = {name: dict(zip(MODELS, weights, strict=True)) for name, weights in SPLITS.items()}
    return ASKED.format(
        feature=FEATURE,
        models=json.dumps(MODELS),
        splits=json.dumps(splits),
        subjects=SUBJECTS,
        some=SOME,
        whole=",".join(whole),
    )


def expected(weights: tuple[float, ...], subjects: int) -> list[str]:
    """The order of so many subjects, from Python."""
    named = dict(zip(MODELS.values(), weights, strict=True))
    return [
        "".join(LETTERS[model] for model in order(f"subject {number}", FEATURE, named))
        for number in range(1, subjects + 1)
    ]


@pytest.fixture(scope="module", params=SERVERS)
def answers(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[str]]:
    """What a server answers, by split."""
    query = tmp_path_factory.mktemp("split") / "asked.sql"
    query.write_text(question(request.param))
    if request.param == "pglite":
        node = shutil.which("node")
        assert node is not None, "PGlite needs Node.js: install the package nodejs"
        files = [PROJECT.platform_file, *PROJECT.truth_files()]
        done = subprocess.run(
            [node, PGLITE, query, *files], capture_output=True, text=True, check=False
        )
        result = json.loads(done.stdout or "{}")
        assert (done.returncode, result.get("error"), done.stderr) == (0, None, "")
        text = result["rows"][0][0]
    else:
        with servers.start(int(request.param)) as server:
            db = server.create_database("split")
            schema.build_truth(server, db, PROJECT)
            with server.connect(db) as connection:
                *before, asked = question(request.param).rsplit(";\n", 2)[:2]
                for statements in before:
                    connection.execute(statements)
                (text,) = connection.execute(asked).fetchone() or (None,)
    return {split: orders.split() for split, orders in json.loads(text).items()}


@pytest.mark.parametrize("split", SPLITS)
def test_every_server_gives_the_order_that_the_description_gives(
    answers: dict[str, list[str]], split: str
) -> None:
    assert len(answers[split]) in (SOME, SUBJECTS)
    assert answers[split] == expected(SPLITS[split], len(answers[split]))


@WHOLE
def test_the_counts_are_those_of_the_weights(answers: dict[str, list[str]]) -> None:
    firsts = Counter(models[0] for models in answers["70/20/10"])
    counts = [firsts[letter] for letter in "abc"]
    assert sum(counts) == SUBJECTS
    # With two degrees of freedom 13.8 is passed once in a thousand times.
    assert chi_square(counts, (70, 20, 10)) < 13.8, counts
    # Of those who would try a first, the others are 20 to 10.
    seconds = Counter(models[1] for models in answers["70/20/10"] if models[0] == "a")
    assert chi_square([seconds["b"], seconds["c"]], (20, 10)) < 10.8, seconds


def moved(before: list[str], after: list[str]) -> Counter[str]:
    """From which first to which, of the subjects that changed it."""
    return Counter(
        f"{one[0]}{other[0]}"
        for one, other in zip(before, after, strict=True)
        if one[0] != other[0]
    )


@WHOLE
def test_a_lower_weight_moves_only_its_own_subjects(answers: dict[str, list[str]]) -> None:
    moves = moved(answers["70/20/10"], answers["60/20/10"])
    # 70 of 100 become 60 of 90: 70.0 % - 66.7 % = 3.3 %.
    assert abs(sum(moves.values()) / SUBJECTS - 0.0333) <= 0.005, moves
    assert set(moves) == {"ab", "ac"}
    assert chi_square([moves["ab"], moves["ac"]], (20, 10)) < 10.8, moves


@WHOLE
def test_a_higher_weight_moves_subjects_only_to_it(answers: dict[str, list[str]]) -> None:
    moves = moved(answers["70/20/10"], answers["70/30/10"])
    # 20 of 100 become 30 of 110: 27.3 % - 20.0 % = 7.3 %.
    assert abs(sum(moves.values()) / SUBJECTS - 0.0727) <= 0.0085, moves
    assert set(moves) == {"ab", "cb"}


@WHOLE
def test_a_candidate_that_comes_takes_its_share_and_shuffles_nobody(
    answers: dict[str, list[str]],
) -> None:
    moves = moved(answers["70/20/10"], answers["70/20/10/5"])
    # 5 of 105 are 4.8 %.
    assert abs(sum(moves.values()) / SUBJECTS - 0.0476) <= 0.007, moves
    assert set(moves) == {"ad", "bd", "cd"}
    without = [models.replace("d", "") for models in answers["70/20/10/5"]]
    assert without == answers["70/20/10"]
