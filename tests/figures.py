"""A table of the figures that the tests of a folder found, printed at the end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest

_figures: dict[str, list[str]] = defaultdict(list)


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Adds a line to the table of the test's folder."""
    test = request.node.name.removeprefix("test_").replace("_", " ")
    return lambda text: _figures[request.node.path.parent.name].append(f"{test}: {text}")


def summary(folder: str, title: str) -> Callable[[Any], None]:
    """What a folder's conftest calls `pytest_terminal_summary`."""

    def pytest_terminal_summary(terminalreporter: Any) -> None:
        if _figures[folder]:
            terminalreporter.section(title)
            for line in _figures[folder]:
                terminalreporter.line(line)

    return pytest_terminal_summary
