"""Makes the order's shipment."""

import json
import uuid

import aws
from order_status import set_status

shipments = aws.table("SHIPMENTS_TABLE")


class AddressRejected(Exception):
    pass


def handler(event, _context):
    print(json.dumps(event))
    if event["failAt"] == "shipping":
        raise AddressRejected("nobody delivers there")
    shipment = {
        "shipmentId": str(uuid.uuid4()),
        "orderId": event["orderId"],
        "address": event["address"],
        "status": "CREATED",
    }
    shipments.put_item(Item=shipment, ReturnConsumedCapacity="INDEXES")
    set_status(event["orderId"], "SHIPPED")
    return {**event, "status": "SHIPPED", "shipmentId": shipment["shipmentId"]}
