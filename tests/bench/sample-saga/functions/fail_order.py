"""Ends an order that went wrong, and tells everybody."""

import json
import os

import aws
from order_status import set_status

sns = aws.client("sns")


def handler(event, _context):
    print(json.dumps(event))
    set_status(event["orderId"], "FAILED")
    message = {"type": "OrderFailed", "orderId": event["orderId"], "customerId": event["customerId"], "error": event["error"]}
    sns.publish(TopicArn=os.environ["TOPIC_ARN"], Message=json.dumps(message))
    return {**event, "status": "FAILED"}
