"""The stand-in provider of the examples, as a process that the tests share."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tools.project import REPOSITORY


@contextmanager
def stand_in() -> Iterator[str]:
    """Its URL."""
    command = [sys.executable, str(REPOSITORY / "examples" / "stand_in.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
