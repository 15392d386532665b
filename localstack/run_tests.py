"""`make test`: a fresh test instance, every test of the workspace, and nothing left running.

The instance's logs and data stay in `.local/test` until the next run.

Arguments are handed to `cargo test`: `run_tests.py -p domain`, `run_tests.py --test emulator`; `run_tests.py api`
is the check of the running API against its document alone.
"""

from __future__ import annotations

import signal
import subprocess
import sys

import check_api
import check_schema
import demo
import settings
import stack
from settings import ROOT, Instance, StackError

CARGO = ("cargo", "test", "--profile", "local")


def cargo_test(environment: dict[str, str], arguments: list[str]) -> int:
    chosen = arguments or ["--workspace"]
    return subprocess.run([*CARGO, *chosen], cwd=ROOT, env=environment, check=False).returncode


def run(instance: Instance, arguments: list[str]) -> int:
    try:
        stack.clean(instance)
        stack.up(instance)
        check_schema.check(instance)
        demo.deploy(instance)
        demo.migrate(demo.environment_of(instance))
        if arguments != ["api"]:
            code = cargo_test(demo.environment_of(instance), arguments)
            if code != 0 or arguments:
                return code
        return 0 if check_api.check(instance, []) else 1
    finally:
        stack.down(instance)


def main() -> int:
    # As for Ctrl-C: leave by way of `finally`.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return run(settings.load("test"), sys.argv[1:])
    except StackError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
