"""Installs the peers into `.local/peers/{node,python}`, when they are missing or out of date, and says how to start them.

    python3 tests/bench/peers/install.py

Needs Node 20 or newer and Python 3.11; uses nothing but the standard library.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
PEERS = ROOT / ".local" / "peers"
# As AWS's own runtime has it.
PYTHON = (3, 11)
NODE = 20
# Program and arguments of each peer, from the root of the repository.
COMMANDS = {
    "node": ("node", ".local/peers/node/bootstrap.mjs"),
    "node, bundled": ("node", ".local/peers/node/bundle/bootstrap.mjs"),
    "python": (".local/peers/python/venv/bin/python", ".local/peers/python/bootstrap.py"),
}
# The same of what holds sockets.
SOCKETS = {"node sockets": ("node", ".local/peers/node/sockets.mjs")}
# The same of what counts events.
COUNTING = {
    "prom-client": ("node", ".local/peers/node/prometheus.mjs"),
    "statsd": ("node", ".local/peers/node/node_modules/statsd/stats.js"),
}
# The same of what asks files of events.
REPORTING = {"duckdb": (".local/peers/python/venv/bin/python", ".local/peers/python/events.py")}
# Those of one kind of measurement.
OF = {"sockets": SOCKETS, "aggregator": COUNTING, "analytics": REPORTING}


class InstallError(Exception):
    """Something the person at the keyboard can put right; the text says how."""


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise InstallError(f"`{' '.join(map(str, command))}` failed:\n{done.stderr.strip() or done.stdout.strip()}")
    return done.stdout.strip()


def node(folder: Path) -> None:
    # What esbuild would do in its install script is only a short cut.
    run("npm", "ci", "--ignore-scripts", "--silent", cwd=folder)
    run("npm", "run", "--silent", "bundle", cwd=folder)


def python(folder: Path) -> None:
    venv.create(folder / "venv", with_pip=True)
    pip = (folder / "venv" / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "--quiet")
    run(*pip, "install", "--require-hashes", "--only-binary", ":all:", "-r", "requirements.txt", cwd=folder)


def node_version() -> str:
    try:
        version = run("node", "--version", cwd=HERE)
    except FileNotFoundError as error:
        raise InstallError(f"Node {NODE} or newer is needed") from error
    if int(version.removeprefix("v").partition(".")[0]) < NODE:
        raise InstallError(f"Node {NODE} or newer is needed, this is {version}")
    return version


def sources(name: str) -> list[Path]:
    made = {"node_modules", "__pycache__"}
    return [file for file in sorted((HERE / name).iterdir()) if file.name not in made]


def ensure(name: str, version: str, install: Callable[[Path], None]) -> bool:
    """Copies the peer's sources and installs what they need; false when all of it is there."""
    folder, note = PEERS / name, PEERS / name / "installed"
    digest = hashlib.sha256()
    for file in sources(name):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    wanted = f"{digest.hexdigest()} {version} {platform.machine()} {folder}\n"
    if note.is_file() and note.read_text() == wanted:
        return False
    print(f"installing the {name} peer into {folder.relative_to(ROOT)}", file=sys.stderr, flush=True)
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    for file in sources(name):
        shutil.copy2(file, folder)
    install(folder)
    # Last, so that an interrupted installation is repeated.
    note.write_text(wanted)
    return True


def install_all() -> None:
    if sys.version_info[:2] != PYTHON:
        version = ".".join(map(str, sys.version_info[:2]))
        print(f"warning: this is Python {version}; figures in docs are of 3.11", file=sys.stderr)
    ensure("node", node_version(), node)
    ensure("python", platform.python_version(), python)


def main() -> int:
    try:
        install_all()
    except (InstallError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if "--json" in sys.argv[1:]:
        print(json.dumps(COMMANDS))
    else:
        for name, command in COMMANDS.items():
            print(f"{name}: {' '.join(command)}".replace("/", os.sep))
    return 0


if __name__ == "__main__":
    sys.exit(main())
