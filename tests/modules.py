"""Which modules the suite leaves out: `RATEBOOK_WITHOUT=compat` runs it against the core alone (`make test-core`).

A test needs a module where it carries the module's name as a mark, where its file is called test_<module>_…, or,
with pgTAP, where its folder is called <module>_…. The others pass without the module.
"""

from __future__ import annotations

import os
from pathlib import Path

from tools.project import OPTIONAL_MODULES, REPOSITORY, Project

MODULES = tuple(OPTIONAL_MODULES.values())
WITHOUT = tuple(os.environ.get("RATEBOOK_WITHOUT", "").split())
PROJECT = Project(REPOSITORY, WITHOUT)
# The schemas that the modules left out would make.
ABSENT = {name for module in WITHOUT for name in PROJECT.schemas(module)}


def module_of(path: Path) -> str | None:
    """The module that a test file needs, by its name or its folder's; None for the core."""
    names = (path.name.removeprefix("test_"), path.parent.name)
    return next((m for m in MODULES if any(name.startswith(f"{m}_") for name in names)), None)


def is_absent(name: str) -> bool:
    """Whether a schema, or what is in one, or its page (`compat/jobs.md`), is of a module left out."""
    return name.replace("/", ".").partition(".")[0] in ABSENT
