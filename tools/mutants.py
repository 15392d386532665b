"""`make mutants`: breaks one rule after the other and wants a test to fail each time.

The rules are in `tests/mutants.json`. They are broken in a work tree of the last commit below
`.local/mutants`; the checkout is not touched, its builds of other people's crates are shared. Arguments
choose rules by a part of their text or file.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / "tests" / "mutants.json"
PLACE = ROOT / ".local" / "mutants"
TREE = PLACE / "tree"
# The tests that run in process; the first binary that fails ends the run.
TESTS = ("--workspace", "--lib", "--test", "fakes", "--test", "ports", "--test", "slot", "--test", "flow")
FAILED = re.compile(r"^test (\S+) \.\.\. FAILED$", re.MULTILINE)


def cargo(*arguments: str) -> subprocess.CompletedProcess[str]:
    # Only one crate and what stands on it changes from rule to rule.
    # Fewer schedules of the limits than `make test` has find the same: that takes a minute and a half.
    environment = {
        **os.environ,
        "CARGO_TARGET_DIR": str(ROOT / "target"),
        "CARGO_INCREMENTAL": "1",
        "LIMITS_SCHEDULES": "5000",
    }
    command = ["cargo", "test", "--profile", "local", *TESTS, *arguments]
    return subprocess.run(command, cwd=TREE, env=environment, check=False, text=True, capture_output=True)


def git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def fresh_tree() -> None:
    git("worktree", "prune")
    if TREE.exists():
        git("worktree", "remove", "--force", str(TREE))
    PLACE.mkdir(parents=True, exist_ok=True)
    git("worktree", "add", "--force", "--detach", str(TREE), "HEAD")


def chosen(words: list[str]) -> list[dict[str, str]]:
    rules = json.loads(RULES.read_text(encoding="utf-8"))
    return [rule for rule in rules if not words or any(word in rule["breaks"] + rule["file"] for word in words)]


def verdict_of(rule: dict[str, str]) -> tuple[bool, str]:
    """Whether breaking the rule was noticed, and by what."""
    file = TREE / rule["file"]
    whole = file.read_text(encoding="utf-8")
    if whole.count(rule["old"]) != 1:
        return False, f"`old` occurs {whole.count(rule['old'])} times in {rule['file']}"
    file.write_text(whole.replace(rule["old"], rule["new"]), encoding="utf-8")
    try:
        built = cargo("--no-run")
        if built.returncode != 0:
            return False, "does not compile:\n" + built.stderr[-2000:]
        tested = cargo()
    finally:
        file.write_text(whole, encoding="utf-8")
    if tested.returncode == 0:
        return False, "NO TEST FAILED"
    failed = FAILED.findall(tested.stdout)
    return bool(failed), ", ".join(failed[:3]) or tested.stderr[-2000:]


def main() -> int:
    rules = chosen(sys.argv[1:])
    fresh_tree()
    whole = cargo()
    if whole.returncode != 0:
        print(f"error: the tests fail before any rule is broken\n{whole.stdout[-2000:]}", file=sys.stderr)
        return 1
    missed = 0
    for number, rule in enumerate(rules, start=1):
        began = time.monotonic()
        caught, by = verdict_of(rule)
        missed += not caught
        spent = time.monotonic() - began
        verdict = "caught" if caught else "MISSED"
        print(f"{number:3}/{len(rules)} {verdict} {spent:4.0f} s  {rule['breaks']}\n         {by}", flush=True)
    git("worktree", "remove", "--force", str(TREE))
    print(f"{len(rules) - missed} of {len(rules)} broken rules were caught")
    return 1 if missed or not rules else 0


if __name__ == "__main__":
    sys.exit(main())
