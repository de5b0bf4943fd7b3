"""The errors that ratebook.fail() knows, with what raises them."""

from __future__ import annotations

import re

from tools.reference.catalog import Json, qualified

# SQLSTATE -> HTTP status, where the code itself does not say it. What no request meets has none.
_STATUS = {"42501": 403, "23505": 409}
_NO_REQUEST = 600
# How the comment of a function of the inside begins -> who meets its errors.
_COMMANDS = {
    "For migrations": "migrations",
    "For the way back": "`ratebook migrations down`",
    "For the owner of the schema, before a copy": "`ratebook restore`",
}


def errors(catalog: Json) -> list[Json]:
    """Each token with its code, HTTP status and sentences, and with what names it; by status and name."""
    found = []
    for line in catalog["fail"].splitlines():
        if case := re.fullmatch(r"\s*when '(\w+)' then '(\w{5})'", line):
            token, code = case.groups()
            found.append(
                {
                    "token": token,
                    "code": code,
                    "status": int(code[2:])
                    if code.startswith("PT")
                    else _STATUS.get(code, _NO_REQUEST),
                    "messages": _messages(token, catalog),
                    "functions": [
                        f for f in catalog["functions"] if token in tokens_of(f, catalog)
                    ],
                    "relations": [
                        r
                        for r in catalog["relations"]
                        if any(token in _words(t["comment"]) for t in r["triggers"])
                    ],
                    "commands": sorted(
                        {
                            command
                            for comment in catalog["inside"].values()
                            for beginning, command in _COMMANDS.items()
                            if (comment or "").startswith(beginning)
                            and token in _words(split(comment)[1])
                        }
                    ),
                }
            )
    return sorted(found, key=lambda error: (error["status"], error["token"]))


def spelled_out(catalog: Json) -> Json:
    """The catalog, where comments name the errors of functions of schema ratebook instead of those functions."""
    known = re.findall(r"when '(\w+)' then", catalog["fail"])

    def named(function: str) -> str:
        _, errors = split(catalog["inside"].get(function))
        return ", ".join(word for word in re.findall(r"\w+", spelled(errors)) if word in known)

    def spelled(text: str | None) -> str:
        return re.sub(r"those of ratebook\.(\w+)\(\)", lambda m: named(m[1]), text or "")

    for thing in [*catalog["functions"], *(t for r in catalog["relations"] for t in r["triggers"])]:
        thing["comment"] = spelled(thing["comment"])
    return catalog


def tokens_of(function: Json, catalog: Json) -> set[str]:
    """The words after `Errors:` in a comment, with those of the functions that it names: `those of ai.find_model()`."""
    _, named = split(function["comment"])
    words = _words(named)
    for other in re.findall(r"\b[Tt]hose of (\w+\.\w+)\(\)", named):
        for there in catalog["functions"]:
            if qualified(there) == other:
                words |= tokens_of(there, catalog)
    return words


def split(comment: str | None) -> tuple[str, str]:
    """A function's comment in two: what it does, and its errors."""
    text = comment or ""
    found = re.search(r"(?:^| )Errors?(?:: |, (?=all))", text)
    return (text[: found.start()], text[found.end() :]) if found else (text, "")


def _words(text: str | None) -> set[str]:
    return set(re.findall(r"\w+", text or ""))


def _messages(token: str, catalog: Json) -> list[str]:
    """The sentences of a token, as they stand where it is raised; … is what differs."""
    pattern = rf"ratebook\.fail\(\s*'{token}',\s*(?:format\(\s*)?'((?:[^']|'')*)'"
    found = [text for source in catalog["sources"] for text in re.findall(pattern, source)]
    return [
        re.sub(r"%(?:\d+\$)?[sIL]", "…", text.replace("''", "'")) for text in dict.fromkeys(found)
    ]
