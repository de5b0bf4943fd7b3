"""What the pages say of objects of every kind: kinds.sql beside the schema itself."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tools.reference.__main__ import main

SAID = {
    "README.md": [
        "| [`kinds.shelves`](kinds/shelves.md) | table | Shelves \\| boards. |",
        "| [`kinds.split`](kinds/README.md#split) | anon, authenticated | Two of one. |",
        '  kinds_entries }o--|| kinds_log : "id, at"',
        '  kinds_entries }o--o| kinds_log : "other_id, other_at"',
    ],
    "kinds/README.md": [
        "| `a` | `integer` | required | what to split. |",
        "It returns an object of `b` `text`, `c` [`kinds.pair`](README.md#pair).",
        '  "c": {"a": 1, "b": "y"}',
        "It returns rows of [`kinds.pair`](README.md#pair).",
        "It writes, so it is called by POST.",
        "| `n` | `numeric` | `1.5` |  |",
        "For nobody over the API.",
        "A `numeric` with `(VALUE >= 0) AND (VALUE <= 100)`.",
        "Two things, see [`kinds.shelves.label`](shelves.md).",
        "| `a` | `integer` |  |",
    ],
    "kinds/shelves.md": [
        "Shelves \\| boards. More of \\*them\\*.",
        "| `id` | `bigint` |  | the next number |  |",
        "| `label` | `varchar(20)` |  |  |  |",
        "| `share` | [`kinds.percent`](README.md#percent) | yes |  |  |",
        "| `twice` | `bigint` | yes | computed: `id * 2` |  |",
        "| `parent` | [`kinds.shelves`](shelves.md) | The shelf it stands on. |",
        "| read | – | `char_length(label) < 9` | `char_length(label) < 9` | – |",
        "| create | – | `label = 'a\\|b'` | `label = 'a\\|b'` | – |",
        "| `shelves_select_short` | select, restrictive | authenticated | `char_length(label) < 9` |",
        "| `parent_id` | [`kinds.shelves`](shelves.md) (`id`) | this row goes too |",
        "- `shelves_label_idx`: unique, `btree (lower(label)) WHERE (share > 0)`",
    ],
    "kinds/labels.md": [
        "It shows [`kinds.shelves`](shelves.md).",
        "| read | – | as kinds.shelves allows | as kinds.shelves allows | – |",
        "| change | – | as the trigger below allows | as the trigger below allows | – |",
        "| delete | – | as kinds.shelves allows | as kinds.shelves allows | – |",
        "| `labels_write` | instead of update | Writes through. Errors:"
        " [`unknown_model`](../errors.md#unknown_model), [`unknown_feature`](../errors.md#unknown_feature) (PT404). |",
    ],
    "kinds/fence.md": ["| read | all | – | – | – |"],
    "kinds/log.md": [
        "[Reference](../README.md) › [`kinds`](README.md) › table, in partitions",
        "| [`kinds.entries`](entries.md) | `id`, `at` |",
        "A select embeds `entries!entries_log_fkey(…)` (many), `entries!entries_other_fkey(…)` (many).",
    ],
}


def test_every_kind_has_its_words(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(Path(__file__).parent / "kinds.sql", copy / "sql" / "99_kinds.sql")
    config = copy / "supabase" / "config.toml"
    config.write_text(config.read_text().replace('"compat"]', '"compat", "kinds"]'))
    assert main(["--root", str(copy)]) == 0
    schema = copy / "docs" / "schema"
    for page, lines in SAID.items():
        text = (schema / page).read_text().splitlines()
        assert [line for line in lines if line not in text] == [], page
    assert not (schema / "ratebook").exists()
    assert not (schema / "kinds" / "log_2026.md").exists()
    assert "wrote docs/schema/kinds/log.md\n" in capsys.readouterr().out
