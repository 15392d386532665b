"""Installs what the local stack runs on into `.local/venv`, when it is missing or out of date.

Run by the system's own Python: it uses nothing but the standard library.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".local" / "venv"
REQUIREMENTS = ROOT / "localstack" / "requirements.txt"
# What is installed; written last, so that an interrupted installation is repeated.
INSTALLED = VENV / "installed"
MINIMUM = (3, 10)


def wanted() -> str:
    digest = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    # A virtual environment belongs to the folder it was made in and to one Python.
    return f"{digest} {VENV} {sys.version_info.major}.{sys.version_info.minor}\n"


def make_venv() -> None:
    if VENV.exists():
        shutil.rmtree(VENV)
    venv.create(VENV, with_pip=True)


def install() -> None:
    pip = [VENV / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run([*pip, "install", "--require-hashes", "--only-binary", ":all:", "-r", REQUIREMENTS], check=True)
    INSTALLED.write_text(wanted())


def main() -> int:
    if sys.version_info < MINIMUM:
        print(f"error: Python 3.10 or newer is needed, this is {sys.version.split()[0]}", file=sys.stderr)
        return 1
    if INSTALLED.is_file() and INSTALLED.read_text() == wanted():
        return 0
    print("installing the local stack into .local/venv", flush=True)
    try:
        make_venv()
    except (subprocess.CalledProcessError, OSError) as error:
        print(f"error: Python could not make .local/venv: {error}", file=sys.stderr)
        print("on Debian and Ubuntu it needs the package python3-venv", file=sys.stderr)
        return 1
    try:
        install()
    except subprocess.CalledProcessError as error:
        print(f"error: pip ended with {error.returncode}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
