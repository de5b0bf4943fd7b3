"""The pages of docs/schema: templates, and what they need to say a thing of the catalog in Markdown."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tools.reference import access, diagram, errors, examples
from tools.reference.catalog import Json, embeds, keys, qualified, referring, short_type


def render(catalog: Json) -> dict[str, str]:
    """Path below docs/schema → text of every page."""
    pages = Pages(catalog)
    made = {name: pages.page(name, name) for name in ("README.md", "errors.md")}
    for schema in catalog["schemas"]:
        path = f"{schema['name']}/README.md"
        made[path] = pages.page(path, "schema.md", schema=schema["name"], comment=schema["comment"])
    for relation in catalog["relations"]:
        path = f"{relation['schema']}/{relation['name']}.md"
        made[path] = pages.page(path, "relation.md", relation=relation)
    return made


class Pages:
    """The templates, and the place of everything that a page may link to."""

    def __init__(self, catalog: Json) -> None:
        self._errors = errors.errors(catalog)
        self._places = {
            qualified(thing): f"{thing['schema']}/README.md#{thing['name']}"
            for thing in [*catalog["types"], *catalog["functions"]]
        } | {name: f"{name.replace('.', '/')}.md" for name in map(qualified, catalog["relations"])}
        self._folder = ""
        self._templates = Environment(
            loader=FileSystemLoader(Path(__file__).with_name("templates")),
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=StrictUndefined,
            autoescape=False,
        )
        self._templates.globals |= {
            "access": access.access,
            "column_limits": access.column_limits,
            "catalog": catalog,
            "diagram": diagram,
            "DISTURBANCES": errors.DISTURBANCES,
            "embeds": lambda relation: embeds(relation, catalog),
            "errors": self._errors,
            "examples": examples,
            "keys": keys,
            "qualified": qualified,
            "referring": lambda relation: referring(relation, catalog),
            "ROLES": access.ROLES,
            "VERBS": access.VERBS,
        }
        self._templates.filters |= {
            "default": _default,
            "default_of": _default_of,
            "expression": _expression,
            "first_sentence": lambda text: _sentences(text)[0],
            "index": _index,
            "link": self._link,
            "on_delete": _on_delete,
            "parts": _parts,
            "prose": self._prose,
            "qualified": qualified,
            "trigger": _trigger,
            "trigger_comment": _trigger_comment,
            "type": lambda name: self._link(short_type(name)),
        }

    def page(self, path: str, template: str, **values: Any) -> str:
        """The text of the page at a path; links are relative to it."""
        self._folder = posixpath.dirname(path)
        text = self._templates.get_template(f"{template}.jinja").render(**values)
        return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"

    def _link(self, name: str) -> str:
        """A name as code, linked where there is a place for it: of an array its elements', of a column its table's."""
        name_of_place = re.match(r"\w+\.\w+", name)
        place = self._places.get(name_of_place[0]) if name_of_place else None
        return f"[`{name}`]({self._url(place)})" if place else f"`{name}`"

    def _url(self, place: str) -> str:
        """A place below docs/schema as seen from the page."""
        path, hash_sign, anchor = place.partition("#")
        return posixpath.relpath(path, self._folder or ".") + hash_sign + anchor

    def _prose(self, text: str | None) -> str:
        """A comment as Markdown: nothing in it is markup, and what it names is linked."""
        escaped = re.sub(r"([\\*<|\[\]`])", r"\\\1", " ".join((text or "").split()))
        names = "|".join(re.escape(name) for name in sorted(self._places, key=len, reverse=True))
        tokens = "|".join(error["token"] for error in self._errors)
        return re.sub(
            rf"(?<![\w./])(?:(?P<name>(?:{names})(?:\(\)|\.[a-z]\w*)?)|(?P<token>{tokens}))(?!\w|\.\w)",
            lambda m: (
                self._link(m[0]) if m["name"] else f"[`{m[0]}`]({self._url('errors.md#' + m[0])})"
            ),
            escaped,
        )


def _expression(text: str) -> str:
    """An expression of the catalog, as code in a table's cell."""
    return "`" + access.worded(text).replace("|", "\\|") + "`"


def _default(text: str) -> str:
    """A default: in words where there are some, else as code."""
    words = access.worded(text)
    return words if words in access.WORDS.values() else _expression(text)


def _default_of(column: Json) -> str:
    """What a column has that a new row does not name."""
    if column["default"] is None:
        return "the next number" if column["generated"] else ""
    return ("computed: " if column["generated"] else "") + _default(column["default"])


def _sentences(text: str | None, names: Iterable[str] = ()) -> list[str]:
    """A comment's sentences; one about an argument begins with its name: `usage: meters and quantities.`"""
    subjects = "".join(f"|{name}: " for name in names)
    return re.split(rf"(?<=\.) (?=[A-Z]{subjects})", text or "")


def _parts(function: Json) -> Json:
    """A function's comment: what it does (`about`), its `errors`, and what is said of each argument."""
    about, named = errors.split(function["comment"])
    # The page says in its own words who may call it.
    about = re.sub(r"^(?:Service role only|Admins and the service role)\. ", "", about)
    names = [argument["name"] for argument in function["arguments"]]
    arguments: dict[str, str] = {}
    rest = []
    for sentence in _sentences(about, names):
        name, colon, said = sentence.partition(": ")
        if colon and name in names:
            arguments[name] = said
        else:
            rest.append(sentence)
    return {
        "about": " ".join(rest),
        "first": rest[0] if rest else "",
        "arguments": arguments,
        "errors": named,
    }


def _on_delete(key: Json) -> str:
    """What becomes of a row when the one that it refers to is deleted."""
    if "ON DELETE CASCADE" in key["definition"]:
        return "this row goes too"
    if "ON DELETE SET NULL" in key["definition"]:
        some = re.search(r"SET NULL \((.*?)\)", key["definition"])
        columns = some[1].split(", ") if some else key["columns"]
        return ", ".join(f"`{column}`" for column in columns) + " becomes null"
    return "that is refused"


def _index(definition: str) -> str:
    unique = "unique, " if definition.startswith("CREATE UNIQUE") else ""
    return unique + _expression(definition.partition(" USING ")[2])


def _trigger(definition: str) -> str:
    """When it fires: `before insert or update of key`, and where."""
    found = re.search(
        r"TRIGGER \S+ (?P<event>.*?) ON \S+ .*?FOR EACH (?P<each>\w+)(?: WHEN \((?P<only>.*)\))? EXECUTE",
        definition,
    )
    assert found is not None, definition
    event = re.sub(r"\b[A-Z]+\b", lambda word: word[0].lower(), found["event"])
    return (
        event
        + (", once per statement" if found["each"] == "STATEMENT" else "")
        + (f", where {_expression(found['only'])}" if found["only"] else "")
    )


def _trigger_comment(trigger: Json) -> str:
    """What its function does, without what the page says beside it, and with the argument that it is given."""
    heading = r"^(?:(?:Row|Statement) t|T)rigger(?: (?:before|after|instead|on) [^:]*)?: "
    comment = re.sub(heading, "", trigger["comment"])
    argument = re.search(r"EXECUTE FUNCTION [^(]*\('(.*)'\)$", trigger["definition"])
    comment = comment[:1].upper() + comment[1:]
    if argument is None:
        return comment
    return comment.replace(
        "Argument: the hint.", f"Hint: {argument[1].replace(chr(39) * 2, chr(39))}"
    )
