"""Installs one cargo tool in a fixed version into `.local/cargo`, when it is not there yet.

    install_cargo_tool.py cargo-deny 0.20.2
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CARGO = ROOT / ".local" / "cargo"


def installed(name: str, version: str) -> bool:
    program = CARGO / "bin" / name
    if not program.is_file():
        return False
    # Run as cargo runs it: with the subcommand as first argument.
    subcommand = name.removeprefix("cargo-")
    done = subprocess.run([program, subcommand, "--version"], capture_output=True, text=True, check=False)
    return version in done.stdout.split()


def main() -> int:
    name, version = sys.argv[1:]
    if installed(name, version):
        return 0
    print(f"building {name} {version}, once; this takes some minutes", flush=True)
    with tempfile.TemporaryDirectory() as build:
        command = ["cargo", "install", name, "--version", version, "--locked", "--root", CARGO, "--target-dir", build]
        # Outside the workspace, so that its settings do not apply; it has a toolchain file of its own.
        return subprocess.run([*command, "--quiet"], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
