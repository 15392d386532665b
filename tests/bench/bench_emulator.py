"""An emulator of the benchmarks' own: fresh data in `.local/bench`, a port of its own, ended at the end.

For programs that are run by the local stack's Python, `.local/venv/bin/python`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "localstack"))

import services  # noqa: E402
import settings  # noqa: E402
import stack  # noqa: E402
from processes import require_free  # noqa: E402

VARIABLE = "CARTWRIGHT_BENCH_AWS_PORT"
DEFAULT_PORT = 4610


def instance(workers_per_function: int = 8) -> settings.Instance:
    """The benchmarks' instance of the local stack, of which they use the emulator only."""
    port = settings.whole_number(dict(os.environ), VARIABLE, DEFAULT_PORT, 65535)
    # No proxy: what functions call is the emulator itself.
    ports = {"aws": settings.Port(port, VARIABLE), "proxy": settings.Port(port, VARIABLE)}
    return settings.Instance("bench", ports, workers_per_function, database_url=None)


@contextmanager
def running() -> Iterator[settings.Instance]:
    """Starts the emulator empty and stops it again; its log stays."""
    own = instance()
    with stack.locked(own):
        stack.stop(services.EMULATOR, own)
        require_free(own.ports["aws"], "the benchmarks' emulator")
    stack.clean(own)
    with stack.locked(own):
        try:
            stack.start(services.EMULATOR, own)
            yield own
        finally:
            stack.stop(services.EMULATOR, own)
