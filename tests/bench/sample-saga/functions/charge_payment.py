"""Charges the customer. The provider is simulated: it takes its time and says yes."""

import json
import os
import time
import uuid

import aws
from order_status import set_status

payments = aws.table("PAYMENTS_TABLE")


class PaymentDeclined(Exception):
    pass


def charge(token: str, amount: int) -> str:
    time.sleep(int(os.environ["PROVIDER_MILLISECONDS"]) / 1000)
    if token == "declined" or amount <= 0:
        raise PaymentDeclined("the card was declined")
    return f"ch_{uuid.uuid4().hex}"


def handler(event, _context):
    print(json.dumps(event))
    if event["failAt"] == "payment":
        raise PaymentDeclined("the card was declined")
    payment = {
        "paymentId": str(uuid.uuid4()),
        "orderId": event["orderId"],
        "chargeId": charge(event["paymentToken"], event["total"]),
        "amount": event["total"],
        "status": "CHARGED",
    }
    payments.put_item(Item=payment, ReturnConsumedCapacity="INDEXES")
    set_status(event["orderId"], "PAID")
    return {**event, "status": "PAID", "payment": payment}
