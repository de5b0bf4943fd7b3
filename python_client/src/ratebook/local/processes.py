"""Background programs that outlive the command that started them, and the ports they listen on."""

import socket
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil


@dataclass(frozen=True)
class Program:
    """A started process, recognised again by pid, moment of birth and a word of its command line."""

    pid: int
    created: float
    marker: str

    @classmethod
    def from_json(cls, stored: dict[str, Any] | None) -> "Program | None":
        """Read what `to_json` wrote; None where there is nothing usable."""
        try:
            return cls(**stored) if stored else None
        except TypeError:
            return None

    def to_json(self) -> dict[str, Any]:
        """A form that the state file can hold."""
        return asdict(self)

    def _process(self) -> psutil.Process | None:
        try:
            process = psutil.Process(self.pid)
            if abs(process.create_time() - self.created) > 2 or not _is_alive(process):
                return None
            command_line = process.cmdline()
            # For a moment of its start a process has none.
            return process if not command_line or self.marker in " ".join(command_line) else None
        except psutil.Error:
            return None

    def is_running(self) -> bool:
        """Whether that very process, not just one with its pid, is alive."""
        return self._process() is not None

    def stop(self, timeout: float = 10) -> None:
        """Terminate it and its children, by force after `timeout` s; a stranger is left alone."""
        process = self._process()
        if process is None:
            return
        family = [process, *process.children(recursive=True)]
        process.terminate()
        deadline = time.monotonic() + timeout
        while (alive := [member for member in family if _is_alive(member)]) and (
            time.monotonic() < deadline
        ):
            time.sleep(0.02)
        for member in alive:
            with suppress(psutil.Error):
                member.kill()


def _is_alive(process: psutil.Process) -> bool:
    """Whether it still runs: one that has ended but whom nobody has asked yet does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


# $0 is the log, "$@" the command. It becomes a child of init, not of a caller that lives on.
_DETACH = '"$@" >>"$0" 2>&1 </dev/null & echo $!'


def spawn(command: Sequence[str], *, log: Path, marker: str) -> Program:
    """Start `command` detached from the caller and its terminal, its output appended to `log`."""
    started = subprocess.run(
        ["/bin/sh", "-c", _DETACH, str(log), *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        cwd="/",
        start_new_session=True,
        check=True,
        text=True,
    )
    pid = int(started.stdout)
    try:
        created = psutil.Process(pid).create_time()
    except psutil.Error:  # ended already: the caller's health check says why
        created = time.time()
    return Program(pid, created, marker)


def port_is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            return False
    return True


def free_ports(count: int) -> list[int]:
    """Different loopback ports that are free now."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def tail(log: Path, lines: int = 15) -> str:
    """The end of a log file; empty where there is none."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""
