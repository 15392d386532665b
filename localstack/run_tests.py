"""`make test`: a fresh test instance, every test of the workspace, and no trace of it afterwards.

Arguments are handed to `cargo test`: `run_tests.py -p domain`, `run_tests.py --test emulator`.
"""

from __future__ import annotations

import signal
import subprocess
import sys

import demo
import settings
import stack
from settings import ROOT, StackError

CARGO = ("cargo", "test", "--profile", "local")


def cargo_test(environment: dict[str, str], arguments: list[str]) -> int:
    chosen = arguments or ["--workspace"]
    return subprocess.run([*CARGO, *chosen], cwd=ROOT, env=environment, check=False).returncode


def main() -> int:
    # As for Ctrl-C: leave by way of `finally`.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    instance = settings.load("test")
    try:
        stack.clean(instance)
        stack.up(instance)
        demo.deploy(instance)
        return cargo_test(demo.environment_of(instance), sys.argv[1:])
    except StackError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    finally:
        stack.down(instance)


if __name__ == "__main__":
    sys.exit(main())
