"""Ends an order that went well, and tells everybody."""

import json
import os

import aws
from order_status import set_status

sns = aws.client("sns")


def handler(event, _context):
    print(json.dumps(event))
    set_status(event["orderId"], "COMPLETED")
    message = {"type": "OrderCompleted", "orderId": event["orderId"], "customerId": event["customerId"], "total": event["total"]}
    sns.publish(TopicArn=os.environ["TOPIC_ARN"], Message=json.dumps(message))
    return {**event, "status": "COMPLETED"}
