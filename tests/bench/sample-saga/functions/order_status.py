"""Writes how far an order has come."""

from datetime import datetime, timezone

import aws

orders = aws.table("ORDERS_TABLE")


def set_status(order_id: str, status: str) -> None:
    orders.update_item(
        Key={"orderId": order_id},
        UpdateExpression="SET #status = :status, modifiedDate = :now",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":status": status, ":now": datetime.now(timezone.utc).isoformat()},
        ReturnConsumedCapacity="INDEXES",
    )
