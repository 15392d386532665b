"""A counted gate that lets waiters through in the order they came.

A plain semaphore lets a newcomer overtake those who wait; under load a saga's first
invocation could then wait past its time limit.
"""

from __future__ import annotations

import threading
from collections import deque


class Turnstile:
    """At most `places` inside at a time. Once closed, nobody enters any more."""

    def __init__(self, places: int = 1, *, closed: bool = False) -> None:
        self._free = places
        self._closed = closed
        self._lock = threading.Lock()
        # Each waiter's signal, and whether it may be refused instead of kept waiting.
        self._waiting: deque[tuple[threading.Event, bool, list[bool]]] = deque()

    def enter(self, *, may_refuse: bool) -> bool:
        """Waits for a place. False when the gate is closed and the caller may be refused."""
        signal, admitted = threading.Event(), [False]
        with self._lock:
            if self._closed:
                if may_refuse:
                    return False
            elif self._free > 0:
                self._free -= 1
                return True
            self._waiting.append((signal, may_refuse, admitted))
        signal.wait()
        return admitted[0]

    def leave(self) -> None:
        with self._lock:
            if self._waiting and not self._closed:
                signal, _may_refuse, admitted = self._waiting.popleft()
                admitted[0] = True
                signal.set()
            else:
                self._free += 1

    def close(self) -> None:
        """Refuses those who may be refused; the others wait until the program ends."""
        with self._lock:
            self._closed = True
            for signal, may_refuse, _admitted in self._waiting:
                if may_refuse:
                    signal.set()
