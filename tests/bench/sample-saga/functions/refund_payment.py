"""Undoes charge_payment."""

import json
import os
import time

import aws
from order_status import set_status

payments = aws.table("PAYMENTS_TABLE")


def handler(event, _context):
    print(json.dumps(event))
    time.sleep(int(os.environ["PROVIDER_MILLISECONDS"]) / 1000)
    payments.put_item(Item={**event["payment"], "status": "REFUNDED"}, ReturnConsumedCapacity="INDEXES")
    set_status(event["orderId"], "REFUNDED")
    return {**event, "status": "REFUNDED"}
