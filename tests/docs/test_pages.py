"""What the pages hold: all that the API serves, links that lead somewhere, and the rights that are tested elsewhere."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

import pytest

from tests.conftest import Connection
from tests.docs.conftest import SCHEMA
from tests.modules import is_absent
from tests.policies.matrix import VERBS, cells
from tools.project import REPOSITORY

Pages = dict[str, str]
SERVED = "('public', 'ai', 'billing', 'lensers', 'content', 'media', 'execution', 'compat')"
# What GitHub makes of a heading.
NOT_IN_ANCHORS = re.compile(r"[^\w\- ]")


def anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {
        NOT_IN_ANCHORS.sub("", heading.lower()).replace(" ", "-") for heading in headings
    } | set(re.findall(r'<a id="(\w+)">', text))


def test_every_table_and_view_has_a_page(pages: Pages, db: Connection) -> None:
    found = db.execute(
        "select n.nspname, c.relname from pg_class as c join pg_namespace as n on n.oid = c.relnamespace"
        f" where n.nspname in {SERVED} and c.relkind in ('r', 'p', 'v') and not c.relispartition"
    ).fetchall()
    expected = {f"{row['nspname']}/{row['relname']}.md" for row in found}
    assert len(expected) >= 17
    told = {path for path in pages if not path.endswith(("README.md", "errors.md"))}
    assert {path for path in told if not is_absent(path)} == expected


def test_every_column_is_in_its_table_with_its_description(pages: Pages, db: Connection) -> None:
    found = db.execute(
        "select n.nspname, c.relname, a.attname, col_description(c.oid, a.attnum) as comment"
        " from pg_attribute as a join pg_class as c on c.oid = a.attrelid"
        " join pg_namespace as n on n.oid = c.relnamespace"
        f" where n.nspname in {SERVED} and c.relkind in ('r', 'p', 'v') and not c.relispartition"
        " and a.attnum > 0 and not a.attisdropped"
    ).fetchall()
    for column in found:
        page = pages[f"{column['nspname']}/{column['relname']}.md"]
        row = re.search(rf"^\| `{column['attname']}` \|.*\| (.*) \|$", page, re.MULTILINE)
        assert row is not None, column
        # A link hides the first words of some.
        assert row[1].split("[")[0].replace("\\", "") in column["comment"]


def test_every_function_has_a_section(pages: Pages, db: Connection) -> None:
    found = db.execute(
        "select n.nspname, p.proname from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace"
        f" where n.nspname in {SERVED} and p.prorettype <> 'trigger'::regtype"
    ).fetchall()
    assert len(found) >= 14
    for function in found:
        schema, name = function["nspname"], function["proname"]
        of_rows = any(
            f"| `{name}` |" in page for path, page in pages.items() if path.startswith(f"{schema}/")
        )
        assert f"### {name}\n" in pages[f"{schema}/README.md"] or of_rows, f"{schema}.{name}"


def test_every_enum_has_a_section_with_its_values(pages: Pages, db: Connection) -> None:
    found = db.execute(
        "select n.nspname, t.typname, array_agg(e.enumlabel order by e.enumsortorder) as labels"
        " from pg_enum as e join pg_type as t on t.oid = e.enumtypid"
        f" join pg_namespace as n on n.oid = t.typnamespace where n.nspname in {SERVED} group by 1, 2"
    ).fetchall()
    assert len(found) >= 11
    for enum in found:
        section = pages[f"{enum['nspname']}/README.md"].partition(f"### {enum['typname']}\n")[2]
        values = ", ".join(f"`{label}`" for label in enum["labels"])
        assert f"\n\nOne of {values}." in section.partition("\n### ")[0], enum


def test_every_link_leads_somewhere(pages: Pages) -> None:
    links = 0
    for path, text in pages.items():
        for target, anchor in re.findall(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)", text):
            links += 1
            place = posixpath.normpath(posixpath.join(posixpath.dirname(path), target or path))
            file = SCHEMA / place
            assert file.exists(), f"{path}: {target}"
            assert not anchor or anchor in anchors(file.read_text()), f"{path}: {target}#{anchor}"
    assert links >= 250


def test_the_errors_are_those_that_the_database_knows(pages: Pages) -> None:
    known = re.findall(
        r"when '(\w+)' then '(\w+)'",
        (REPOSITORY / "sql/10_platform/030_function_fail.sql").read_text(),
    )
    listed = re.findall(
        r'^\| <a id="(\w+)"></a>`\w+` \| (\w+) \| (.*) \| (.*) \|$',
        pages["errors.md"],
        re.MULTILINE,
    )
    assert len(known) >= 25
    assert sorted((token, code) for token, code, *_ in listed) == sorted(known)
    assert [token for token, _, _, named_by in listed if not named_by] == []


def test_the_rights_are_those_of_the_matrix(pages: Pages) -> None:
    stated = cells()
    compared = 0
    for table in {table for table, _ in stated}:
        page = pages[table.replace(".", "/") + ".md"]
        if "› view\n" in page:  # a view says whose rights count
            continue
        compared += 1
        own = stated.get((table, "owner"), frozenset())
        expected = {
            "anon": stated[table, "anon"],
            "signed in": stated[table, "authenticated"] | own,
            "admin": stated[table, "admin"] | own,
            "service_role": stated[table, "service_role"],
        }
        if table.startswith("execution."):  # the matrix is of what is private
            expected["anon"] |= {"r"}
        written = dict.fromkeys(expected, "")
        for letter, verb in {**VERBS, "u": "change"}.items():
            row = re.search(rf"^\| {verb} \| (.*) \|$", page, re.MULTILINE)
            assert row is not None
            for role, cell in zip(expected, row[1].split(" | "), strict=True):
                written[role] += "" if cell == "–" else letter
        assert {role: frozenset(letters) for role, letters in written.items()} == expected, table
    assert compared >= 16


@pytest.mark.parametrize(
    ("page", "line"),
    [
        ("ai/generations.md", "| delete | – | own (`lenser_id`) | own (`lenser_id`) | all |"),
        ("ai/generations.md", "| read | – | own (`lenser_id`) | own (`lenser_id`) | all |"),
        ("ai/models.md", "| change | – | – | all | all |"),
        ("ai/meters.md", "| read | all | all | all | all |"),
        ("ai/models.md", "- Unique: `provider_id`, `provider_model_key`"),
        (
            "ai/models.md",
            "| `provider_id` | [`ai.providers`](providers.md) (`id`) | that is refused |",
        ),
        ("ai/providers.md", "| [`ai.models`](models.md) | `provider_id` |"),
        ("ai/models.md", "| `context_window_is_positive` | `context_window > 0` |"),
        (
            "ai/generations.md",
            "| `media_id`, `lenser_id` | [`content.media_library`](../content/media_library.md)"
            " (`id`, `lenser_id`) | `media_id` becomes null |",
        ),
        ("ai/models.md", "- `models_search_idx`: `gin (search)`"),
        ("ai/README.md", '  ai_models }o--|| ai_providers : "provider_id"'),
        (
            "ai/generations.md",
            "| `created_at` | `timestamptz` |  | `'-infinity'`"
            " | When it was made: the time inside id, to the microsecond. |",
        ),
        (
            "lensers/user_roles.md",
            "- Columns that authenticated may set in a new row: `user_id`, `role`.",
        ),
    ],
)
def test_a_page_says(page: str, line: str, pages: Pages) -> None:
    assert line in pages[page].splitlines()


def test_the_inside_stays_inside(pages: Pages) -> None:
    told = [
        f"{path}: {name}"
        for path, text in pages.items()
        for name in re.findall(r"\bratebook\.\w+", text)
    ]
    assert told == []


def test_the_diagrams_are_mermaid(pages: Pages) -> None:
    """Entities, attributes of one word with their keys, and relationships between entities that are declared."""
    diagrams = {
        path: text.partition("```mermaid\n")[2].partition("```")[0]
        for path, text in pages.items()
        if "```mermaid" in text
    }
    assert {
        "README.md",
        "ai/README.md",
        "billing/README.md",
        "lensers/README.md",
    } <= diagrams.keys()
    entity = r'  (?P<name>\w+)\["[\w.]+"\](?: \{)?'
    attribute = r"    [a-z]\w*(?:\[\])? \w+ (?:PK|UK|FK)(?:, (?:PK|UK|FK))*|  \}"
    relationship = r'  (?P<from>\w+) [|}]o--[|o]\| (?P<to>\w+) : "[\w, ]+"'
    for path, diagram in diagrams.items():
        first, *lines = diagram.splitlines()
        assert first == "erDiagram"
        names = {match["name"] for line in lines if (match := re.fullmatch(entity, line))}
        for line in lines:
            link = re.fullmatch(relationship, line)
            assert link or re.fullmatch(f"{entity}|{attribute}", line), f"{path}: {line}"
            assert link is None or {link["from"], link["to"]} <= names, f"{path}: {line}"


def test_readers_find_the_reference() -> None:
    for name in ("README.md", "CONTRIBUTING.md"):
        assert "docs/schema" in Path(REPOSITORY, name).read_text()
