"""Line coverage of the domain, the saga and the stores; below the limit it fails.

Counts the tests that run in process: unit and handler tests, ports and the flow tier.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIMIT = "80"
# Not counted: edges and tools, whose tests are of another kind, and the tests themselves.
IGNORED = (
    r"/shared/(cli|contracts|http-edge|lambda-boot|mailer|messaging|providers|testkit)/"
    r"|/localstack/|/tests/|/tests\.rs$|/main\.rs$"
)
RUNS = (
    ("--workspace", "--lib"),
    ("--workspace", "--test", "flow", "--test", "ports", "--test", "fakes"),
)


def llvm_cov(*arguments: str) -> None:
    environment = {**os.environ, "PATH": f"{ROOT / '.local' / 'cargo' / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run(["cargo", "llvm-cov", *arguments], cwd=ROOT, env=environment, check=True)


def ensure_llvm_tools() -> bool:
    """The programs that read the counters have to be of the compiler's own version."""
    done = subprocess.run(["rustup", "component", "add", "llvm-tools"], cwd=ROOT, check=False)
    if done.returncode != 0:
        print("error: rustup could not add `llvm-tools`, which coverage needs", file=sys.stderr)
    return done.returncode == 0


def main() -> int:
    if not ensure_llvm_tools():
        return 1
    try:
        llvm_cov("clean", "--workspace", "--profile", "local")
        for run in RUNS:
            llvm_cov("test", "--no-report", "--profile", "local", *run)
        llvm_cov("report", "--profile", "local", "--html", "--ignore-filename-regex", IGNORED)
        llvm_cov("report", "--profile", "local", "--ignore-filename-regex", IGNORED, "--fail-under-lines", LIMIT)
    except subprocess.CalledProcessError as error:
        return error.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
