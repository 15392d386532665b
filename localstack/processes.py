"""Starts background programs, remembers them, and stops exactly those again.

A record holds the process id and the start time: ids are reused, the pair is not.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from settings import HOST, Port, StackError

# The kernel's start time is exact, but the boot time it is counted from may be corrected.
START_TIME_TOLERANCE = 2.0


@dataclass(frozen=True)
class Record:
    """One started program. `fingerprint` changes when the program must be started anew."""

    pid: int
    started: float
    fingerprint: str

    def process(self) -> psutil.Process | None:
        """The living process of this record; None when it has ended or the id is another's now."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) <= START_TIME_TOLERANCE
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None


def read(path: Path) -> Record | None:
    try:
        return Record(**json.loads(path.read_text()))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise StackError(f"{path} cannot be read ({error}); remove it by hand") from error


def write(path: Path, pid: int, fingerprint: str) -> Record:
    record = Record(pid=pid, started=psutil.Process(pid).create_time(), fingerprint=fingerprint)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(record)))
    return record


def require_free(port: Port, what: str) -> None:
    """Fails when somebody listens on the port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        taken = probe.connect_ex((HOST, port.number)) == 0
    with socket.socket() as probe:
        # A connection that is only winding down does not count as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port.number))
        except OSError:
            taken = True
    if taken:
        raise StackError(
            f"port {port.number}, wanted for {what}, is taken by another program; "
            f"stop that program, or set {port.variable} (in .env or the environment) to a free port"
        )


def spawn(command: list[str], environment: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    """Starts a program in a session of its own, so that Ctrl-C in the terminal does not reach it."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=output,
            stderr=subprocess.STDOUT, start_new_session=True, cwd=log.parent,
        )


def wait_until(ready: Callable[[], bool], alive: Callable[[], bool], seconds: float) -> bool:
    """Polls `ready` until it is true, the program ends, or the time is up."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if ready():
            return True
        if not alive():
            return False
        time.sleep(0.05)
    return False


def last_lines(log: Path, count: int = 15) -> str:
    if not log.is_file():
        return "(no log)"
    return "\n".join(log.read_text(errors="replace").splitlines()[-count:])


def stop(record: Record, seconds: float) -> bool:
    """SIGTERM, then SIGKILL after `seconds`. True when it ended by itself.

    Waits on the record, not on the process: where nobody collects a dead child, it stays
    in the process table as a zombie.
    """
    process = record.process()
    if process is None:
        return True
    process.terminate()
    if wait_until(lambda: record.process() is None, lambda: True, seconds):
        return True
    process.kill()
    wait_until(lambda: record.process() is None, lambda: True, 10)
    return False


def strays(scratch: Path) -> list[psutil.Process]:
    """Function processes that outlived their emulator: those whose program lies in its scratch folder."""
    found = []
    for process in psutil.process_iter(["exe", "cmdline", "status"]):
        # A script's program is its interpreter; the script is the first argument.
        programs = [process.info["exe"] or "", *(process.info["cmdline"] or [])[:2]]
        ours = any(program.startswith(f"{scratch}{os.sep}") for program in programs)
        if ours and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process)
    return found


def end(processes: list[psutil.Process]) -> None:
    """Terminates, then kills."""
    for action in ("terminate", "kill"):
        for process in processes:
            try:
                getattr(process, action)()
            except psutil.NoSuchProcess:
                continue
        _, processes = psutil.wait_procs(processes, timeout=2)
