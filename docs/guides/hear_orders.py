"""Prints what becomes of orders, from a queue of one's own: each event once, those of an order in order.

    python hear_orders.py QUEUE_URL

The queue is that of infra/subscribe.yaml. docs/guides/join-by-queue.md says why each line is as it is.
"""

import json
import sys

import boto3


def main(queue: str) -> None:
    sqs = boto3.client("sqs")
    applied: dict[str, int] = {}  # In a service: stored with what the event changes, in one transaction.
    while True:
        answer = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=10)
        for message in answer.get("Messages", []):
            event = json.loads(message["Body"])
            order, number = event["subject"], event["sequence"]
            last = applied.get(order, number - 1)  # The first that is heard, after joining late.
            if number > last + 1:
                continue  # One before it is missing: this one comes again when its time is over.
            if number == last + 1:
                print(order, number, event["type"], flush=True)
                applied[order] = number
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])


if __name__ == "__main__":
    main(*sys.argv[1:])
