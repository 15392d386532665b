"""`make bench`: builds what Lambda runs, and measures it beside its peers.

    run_bench.py start | order | edge | load | sockets | aggregator | cost | budgets | all

Figures are printed and written to `.local/bench/<what>.json`.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import demo
import settings
import stack
from settings import LOCAL, ROOT, StackError

sys.path[:0] = [str(ROOT / "infra"), str(ROOT / "tools"), str(ROOT / "tests" / "bench" / "peers")]

import install as peers  # noqa: E402
import install_valgrind  # noqa: E402
import packages  # noqa: E402

OUT = LOCAL / "bench"
FUNCTIONS = sorted(path.parent.name for path in (ROOT / "functions").glob("*/Cargo.toml"))
# One of each kind: with an API in front, with a provider behind, on a stream. All others are measured by `make bench`.
BUDGETED = ["payments", "place-order", "publish-events"]
TOLD_BY = ["push-slices", "push-updates"]
ALL = ("start", "order", "edge", "load", "sockets", "aggregator", "cost")
# What posts to sockets, what plays API Gateway, what plays the clients.
SOCKETS = ("posting", "gateway", "listening")
# What counts events and nothing else.
COUNTING = ("counting",)


def build(functions: list[str], alone: tuple[str, ...]) -> Path:
    """What Lambda runs, with symbols, and other programs, each alone; returns their folder."""
    chosen = [word for name in functions for word in ("-p", name)]
    # Only functions: with other crates beside them they would be built with features that they do not need.
    for words in (chosen, *(["-p", each] for each in alone)):
        if words:
            subprocess.run(["cargo", "build", "--profile", "bench", *words], cwd=ROOT, check=True)
    target = Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target")
    return target / "release"


def package(folder: Path, functions: list[str]) -> Path:
    """The functions' zips, made as for a deployment: without symbols."""
    zips = OUT / "package"
    zips.mkdir(parents=True, exist_ok=True)
    for name in functions:
        bare = zips / f"{name}.bare"
        subprocess.run(["strip", "--strip-all", "-o", bare, folder / name], check=True)
        packages.write(bare, zips / f"{name}.zip", level=9)
        bare.unlink()
    return zips


def bench(environment: dict[str, str], folder: Path, what: list[str]) -> int:
    program = Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target") / "local" / "bench"
    valgrind = install_valgrind.find()
    if not valgrind:
        print("there is no valgrind here: instructions are not counted", file=sys.stderr)
    command = [program, "--functions", folder, "--packages", OUT / "package", "--out", OUT, "--valgrind", valgrind]
    if "budgets" not in what:
        peers.install_all()
        command += ["--peers", json.dumps(peers.OF.get(what[0], peers.COMMANDS))]
    return subprocess.run([*command, *what], cwd=ROOT, env=environment, check=False).returncode


def on_the_test_instance(folder: Path, what: list[str]) -> int:
    instance = settings.load("test")
    try:
        stack.clean(instance)
        stack.up(instance)
        demo.deploy(instance)
        return bench(demo.environment_of(instance), folder, what)
    finally:
        stack.down(instance)


def run(what: str) -> int:
    functions = {"budgets": BUDGETED, "sockets": TOLD_BY, "aggregator": []}.get(what, FUNCTIONS)
    programs = {"budgets": SOCKETS[:1], "sockets": SOCKETS, "aggregator": COUNTING, "all": SOCKETS + COUNTING}
    alone = programs.get(what, ())
    folder = build(functions, alone)
    package(folder, functions)
    codes = []
    for each in ALL if what == "all" else (what,):
        measure = on_the_test_instance if each == "cost" else lambda at, words: bench(dict(os.environ), at, words)
        codes.append(measure(folder, [each]))
    # A program that a signal ended has a negative code.
    return next((code for code in codes if code), 0)


def main() -> int:
    # As for Ctrl-C: leave by way of `finally`.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    what = sys.argv[1] if len(sys.argv) == 2 else ""
    if what not in (*ALL, "budgets", "all"):
        print(f"WHAT is one of {', '.join(ALL)}, budgets, all", file=sys.stderr)
        return 1
    if not shutil.which("strip"):
        print("strip is missing; it comes with the C compiler's tools (binutils)", file=sys.stderr)
        return 1
    try:
        return run(what)
    except (StackError, peers.InstallError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        return error.returncode


if __name__ == "__main__":
    sys.exit(main())
