"""Takes the order's items from the stock."""

import json

import aws
from order_status import set_status

inventory = aws.table("INVENTORY_TABLE")


class OutOfStock(Exception):
    pass


def handler(event, _context):
    print(json.dumps(event))
    for item in event["items"]:
        stock = inventory.get_item(Key={"productId": item["productId"]}, ReturnConsumedCapacity="INDEXES")
        if stock.get("Item", {}).get("quantity", 0) < item["quantity"] or event["failAt"] == "inventory":
            raise OutOfStock(f"product {item['productId']} is out of stock")
        inventory.update_item(
            Key={"productId": item["productId"]},
            UpdateExpression="SET quantity = quantity - :quantity",
            ExpressionAttributeValues={":quantity": item["quantity"]},
            ReturnConsumedCapacity="INDEXES",
        )
    set_status(event["orderId"], "INVENTORY_RESERVED")
    return {**event, "status": "INVENTORY_RESERVED"}
