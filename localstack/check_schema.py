"""Runs `docs/SCHEMA.sql` on the test instance's PostgreSQL and does with it what it is made for."""

from __future__ import annotations

import subprocess

import postgres
from settings import ROOT, Instance, StackError

SCHEMA = ROOT / "docs" / "SCHEMA.sql"
ORDER = "00000000-0000-8000-8000-000000000001"
COMPLETED = "2026-01-02 03:04:05+00"
# What is asked, and what the server must answer.
STEPS = (
    # The change and its event are one; a second writer of the same version changes nothing.
    (f"EXECUTE complete_order ('{ORDER}', 2, '{COMPLETED}')", f"order/{ORDER}/3"),
    (f"EXECUTE complete_order ('{ORDER}', 2, '{COMPLETED}')", ""),
    # The row's time is the event's.
    (f"SELECT occurred_at = '{COMPLETED}' FROM outbox WHERE sequence = 3", "t"),
    # An event waits for those before it, and is given out until it is marked.
    ("EXECUTE take_events (10)", "order.attention-needed"),
    (f"EXECUTE mark_published ('{{order}}', '{{{ORDER}}}', '{{2}}')", ""),
    ("EXECUTE take_events (10)", "order.completed"),
    (f"EXECUTE mark_published ('{{order}}', '{{{ORDER}}}', '{{3}}')", ""),
    ("EXECUTE take_events (10)", ""),
    # A consumer applies each event once and in order.
    (f"EXECUTE move_inbox ('mail', 'order', '{ORDER}', 2)", ""),
    (f"EXECUTE move_inbox ('mail', 'order', '{ORDER}', 1)", "1"),
    (f"EXECUTE move_inbox ('mail', 'order', '{ORDER}', 1)", ""),
    (f"EXECUTE move_inbox ('mail', 'order', '{ORDER}', 3)", ""),
    (f"EXECUTE move_inbox ('mail', 'order', '{ORDER}', 2)", "2"),
)
BEGIN = f"""
SET search_path = outbox_example;
INSERT INTO orders VALUES ('{ORDER}', 'alice', 1200, 'EUR', 'charging', '2026-01-01', NULL, 2, 2);
INSERT INTO outbox (aggregate_kind, aggregate_id, sequence, event_type, payload, occurred_at)
VALUES ('order', '{ORDER}', 2, 'order.attention-needed', '{{}}', '2026-01-01');
"""
END = "DROP SCHEMA outbox_example CASCADE;"


def check(instance: Instance) -> None:
    """Raises `StackError` with the first step that is answered otherwise."""
    marked = "".join(f"\\echo step {number}\n{sql};\n" for number, (sql, _) in enumerate(STEPS))
    script = f"\\i '{SCHEMA}'\n{BEGIN}{marked}\\echo step end\n{END}"
    command = [*postgres.client(instance), "-v", "ON_ERROR_STOP=1", "-qAtX"]
    done = subprocess.run(command, input=script, text=True, capture_output=True, check=False)
    if done.returncode != 0:
        raise StackError(f"docs/SCHEMA.sql: {done.stderr.strip()}")
    answers = [part.split("\n", 1)[1].strip() for part in done.stdout.split("step ")[1:-1]]
    for (sql, wanted), answer in zip(STEPS, answers, strict=True):
        if not (wanted in answer if wanted else answer == ""):
            raise StackError(f"docs/SCHEMA.sql: {sql} answered {answer!r}, not {wanted!r}")
    print(f"docs/SCHEMA.sql: {len(STEPS)} steps answered as they should be", flush=True)
