"""Hears of ended orders from the queue. A sample's end: it prints what it would send."""

import json


def handler(event, _context):
    print(json.dumps(event))
    for record in event["Records"]:
        message = json.loads(json.loads(record["body"])["Message"])
        print(f"Dear customer {message['customerId']}, your order {message['orderId']}: {message['type']}")
