"""`make bench`: builds what Lambda runs, and measures it beside its peers.

    run_bench.py start | order | edge | load | sockets | aggregator | cost | budgets | all
    run_bench.py analytics | archive [ROWS]

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
import services
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
# Not with all others: a hundred million rows take half an hour.
REPORTS = ("analytics", "archive")
# What posts to sockets, what plays API Gateway, what plays the clients.
SOCKETS = ("posting", "gateway", "listening")
# What counts events and nothing else.
COUNTING = ("counting",)
# What takes events of many tenants in, and reports them.
REPORTING = ("reporting",)
# How many of them, unless it is said: as many as the question is about.
ROWS = 100_000_000
# As many as show that it works.
FEW_ROWS = 300_000


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
    if not {"budgets", str(FEW_ROWS)} & set(what):
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


def on_a_database(folder: Path, what: list[str]) -> int:
    """With an empty database of its own, which is forgotten afterwards."""
    instance = settings.load("test")
    try:
        stack.clean(instance)
        stack.up_alone(services.POSTGRES, instance)
        return bench({**os.environ, "DATABASE_URL": instance.postgres_url}, folder, what)
    finally:
        stack.clean(instance)


def measure(each: str, rows: int, folder: Path) -> int:
    if each in REPORTS:
        return on_a_database(folder, [each, "--rows", str(rows)])
    if each == "cost":
        return on_the_test_instance(folder, [each])
    if each == "budgets":
        return bench(dict(os.environ), folder, [each]) or measure("analytics", FEW_ROWS, folder)
    return bench(dict(os.environ), folder, [each])


def run(what: str, rows: int) -> int:
    alone_by_itself = {"budgets": BUDGETED, "sockets": TOLD_BY, "aggregator": [], **dict.fromkeys(REPORTS, [])}
    functions = alone_by_itself.get(what, FUNCTIONS)
    programs = {
        "budgets": SOCKETS[:1] + REPORTING,
        "sockets": SOCKETS,
        "aggregator": COUNTING,
        **dict.fromkeys(REPORTS, REPORTING),
        "all": SOCKETS + COUNTING,
    }
    alone = programs.get(what, ())
    folder = build(functions, alone)
    package(folder, functions)
    codes = [measure(each, rows, folder) for each in (ALL if what == "all" else (what,))]
    # A program that a signal ended has a negative code.
    return next((code for code in codes if code), 0)


def main() -> int:
    # As for Ctrl-C: leave by way of `finally`.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    what, rows = (*sys.argv[1:], "", "")[:2]
    if what not in (*ALL, *REPORTS, "budgets", "all") or not (rows.isdecimal() or not rows):
        print(f"WHAT is one of {', '.join((*ALL, *REPORTS))}, budgets, all; ROWS a number", file=sys.stderr)
        return 1
    if not shutil.which("strip"):
        print("strip is missing; it comes with the C compiler's tools (binutils)", file=sys.stderr)
        return 1
    try:
        return run(what, int(rows or ROWS))
    except (StackError, peers.InstallError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        return error.returncode


if __name__ == "__main__":
    sys.exit(main())
