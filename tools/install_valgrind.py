"""Unpacks valgrind into `.local/valgrind`, from Debian's package in a fixed version, and prints the program's path.

Where that cannot be had (no Debian, another processor), prints the system's own valgrind, or nothing: then
instructions are not counted.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".local" / "valgrind"
VERSION = "1:3.19.0-1"
# Starts valgrind with the tools that were unpacked beside it.
STARTER = """#!/bin/sh
VALGRIND_LIB='{lib}' exec '{program}' "$@"
"""


def unpack() -> Path | None:
    starter = HOME / f"valgrind-{VERSION.partition(':')[2]}"
    if starter.is_file():
        return starter
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        return None
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir(parents=True)
    with tempfile.TemporaryDirectory(dir=HOME) as folder:
        got = subprocess.run(
            ["apt-get", "download", "-qq", f"valgrind={VERSION}"], cwd=folder, capture_output=True, text=True, check=False
        )
        packages = list(Path(folder).glob("valgrind_*.deb"))
        if got.returncode != 0 or not packages:
            print(f"valgrind {VERSION} cannot be downloaded: {got.stderr.strip()}", file=sys.stderr)
            return None
        subprocess.run(["dpkg-deb", "-x", packages[0], HOME], check=True)
    lib, program = HOME / "usr/libexec/valgrind", HOME / "usr/bin/valgrind"
    starter.write_text(STARTER.format(lib=lib, program=program))
    starter.chmod(0o755)
    return starter


def works(program: str | Path) -> bool:
    try:
        done = subprocess.run([program, "--tool=none", "-q", "true"], capture_output=True, env=os.environ, check=False)
    except OSError:
        return False
    return done.returncode == 0


def find() -> str:
    """The program, or an empty text."""
    for program in (unpack(), shutil.which("valgrind")):
        if program and works(program):
            return str(program)
    return ""


if __name__ == "__main__":
    print(find())
