"""Prints what becomes of orders, from a queue of one's own: each event once, those of an order in order.

    python hear_orders.py QUEUE_URL JOINED

The queue is that of infra/subscribe.yaml, JOINED the time at which it was made, such as 2026-03-01T12:00:00Z.
docs/guides/join-by-queue.md says why each line is as it is.
"""

import json
import sys
from datetime import datetime

import boto3


def main(queue: str, joined: str) -> None:
    sqs = boto3.client("sqs")
    applied: dict[str, int] = {}  # In a service: stored with what the event changes, in one transaction.
    while True:
        answer = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=10)
        for message in answer.get("Messages", []):
            if take(json.loads(message["Body"]), applied, moment(joined)):
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])


def moment(text: str) -> datetime:
    """A time in UTC, to the second."""
    return datetime.fromisoformat(text[:19] + "+00:00")


def take(event: dict, applied: dict[str, int], joined: datetime) -> bool:
    """Whether it is done with: now, or before."""
    order, number = event["subject"], event["sequence"]
    # Of what is older than the queue the first that is heard is a beginning. All else begins with 1.
    is_older = moment(event["time"]) < joined
    last = applied.get(order, number - 1 if is_older else 0)
    if number > last + 1:
        return False  # One before it is missing: this one comes again when its time is over.
    if number == last + 1:
        print(order, number, event["type"], flush=True)
        applied[order] = number
    return True


if __name__ == "__main__":
    main(*sys.argv[1:])
