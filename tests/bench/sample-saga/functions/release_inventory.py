"""Undoes reserve_inventory."""

import json

import aws
from order_status import set_status

inventory = aws.table("INVENTORY_TABLE")


def handler(event, _context):
    print(json.dumps(event))
    for item in event["items"]:
        inventory.update_item(
            Key={"productId": item["productId"]},
            UpdateExpression="SET quantity = quantity + :quantity",
            ExpressionAttributeValues={":quantity": item["quantity"]},
            ReturnConsumedCapacity="INDEXES",
        )
    set_status(event["orderId"], "INVENTORY_RELEASED")
    return {**event, "status": "INVENTORY_RELEASED"}
