"""POST /orders: puts the order, then starts its saga."""

import json
import os
import uuid
from datetime import datetime, timezone

import aws

orders = aws.table("ORDERS_TABLE")
step_functions = aws.client("stepfunctions")


def handler(event, _context):
    print(json.dumps(event))
    body = json.loads(event["body"])
    order = {
        "orderId": str(uuid.uuid4()),
        "customerId": body["customerId"],
        "createdDate": datetime.now(timezone.utc).isoformat(),
        "status": "PENDING",
        "items": body["items"],
        "address": body["address"],
        "paymentToken": body["paymentToken"],
        "total": sum(item["quantity"] * item["price"] for item in body["items"]),
    }
    orders.put_item(Item=order, ReturnConsumedCapacity="INDEXES")
    execution = step_functions.start_execution(
        stateMachineArn=os.environ["STATE_MACHINE_ARN"],
        name=order["orderId"],
        input=json.dumps({**order, "failAt": body.get("failAt")}),
    )
    answer = {"orderId": order["orderId"], "executionArn": execution["executionArn"]}
    return {"statusCode": 201, "headers": {"content-type": "application/json"}, "body": json.dumps(answer)}
