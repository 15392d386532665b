"""What the example of the guide does with each event: `python docs/guides/test_hear_orders.py`."""

import contextlib
import io
import unittest

from hear_orders import moment, take

JOINED = moment("2026-03-01T12:00:00Z")


def an_event(number: int, time: str = "2026-03-01T12:00:03.123456789Z", order: str = "a") -> dict:
    return {"subject": order, "sequence": number, "time": time, "type": "cartwright.order.placed.v1"}


class HearOrdersTest(unittest.TestCase):
    def hear(self, *events: dict) -> tuple[list[bool], list[int]]:
        """Which of the events are done with, and the sequences that were told, in order."""
        applied: dict[str, int] = {}
        told = io.StringIO()
        with contextlib.redirect_stdout(told):
            done = [take(event, applied, JOINED) for event in events]
        return done, [int(line.split()[1]) for line in told.getvalue().splitlines()]

    def test_each_event_is_told_once_and_in_its_turn(self) -> None:
        events = [an_event(number) for number in (1, 2, 2, 1, 4, 3, 4)]
        done, told = self.hear(*events)
        self.assertEqual(done, [True, True, True, True, False, True, True])
        self.assertEqual(told, [1, 2, 3, 4])

    def test_the_first_event_of_a_new_order_is_not_lost_behind_its_second(self) -> None:
        done, told = self.hear(an_event(2), an_event(1), an_event(2))
        self.assertEqual(done, [False, True, True])
        self.assertEqual(told, [1, 2])

    def test_what_is_older_than_the_queue_begins_with_what_is_heard_of_it(self) -> None:
        before = an_event(3, time="2026-03-01T11:59:59.999Z")
        done, told = self.hear(before, an_event(4))
        self.assertEqual(done, [True, True])
        self.assertEqual(told, [3, 4])


if __name__ == "__main__":
    unittest.main()
