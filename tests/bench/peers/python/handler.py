"""POST /api/v1/orders: the job of `functions/place-order`, with its environment, tables and answers."""

import json
import os
import re
import time
import uuid
from base64 import b64decode
from datetime import datetime, timezone

import boto3
from botocore.config import Config

from access_token import principal
from order import Refusal, answer_of, new_item, order_id, placement, priced

ORDERS, CATALOG = os.environ["ORDERS_TABLE"], os.environ["CATALOG_TABLE"]
LIMITS = Config(connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 3})
# boto3 itself looks at AWS_DEFAULT_REGION only.
dynamo = boto3.client("dynamodb", region_name=os.environ["AWS_REGION"], config=LIMITS)
TTL_SECONDS = 30
CAPACITY = 2000
kept: dict[str, dict] = {}

JSON_TYPE = re.compile(r'application/json *(; *charset="?utf-8"?)?', re.IGNORECASE)
TRACE = re.compile("00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
SECURITY = {
    "cache-control": "no-store", "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer", "strict-transport-security": "max-age=63072000; includeSubDomains",
    "x-content-type-options": "nosniff",
}


def products(ids: list[str]) -> dict[str, dict]:
    now = time.monotonic()
    if len(kept) > CAPACITY:
        kept.clear()
    missing = [each for each in ids if each not in kept or now - kept[each]["at"] >= TTL_SECONDS]
    wanted = {CATALOG: {"Keys": [{"pk": {"S": f"PRODUCT#{each}"}} for each in missing]}} if missing else {}
    for each in missing:
        kept.pop(each, None)
    for pause in (0.04, 0.08, 0.16, 0):
        if not wanted:
            return kept
        answer = dynamo.batch_get_item(RequestItems=wanted)
        for item in answer["Responses"].get(CATALOG, []):
            kept[item["pk"]["S"].removeprefix("PRODUCT#")] = {
                "at": now, "sku": item["sku"]["S"], "price": int(item["price"]["N"]),
                "currency": item["currency"]["S"], "active": item["active"]["BOOL"],
            }
        wanted = answer.get("UnprocessedKeys")
        time.sleep(pause if wanted else 0)
    if wanted:
        raise RuntimeError("the catalogue left products out")
    return kept


def replay(item: dict, asked: dict) -> tuple[dict, bool]:
    """An order that is there already answers a repeat of its request."""
    if item["request"]["S"] != asked["hash"]:
        raise Refusal(422, "idempotency-key-reused", "the Idempotency-Key was used with another body")
    return item, True


def place(order: str, who: dict, asked: dict, trace: str) -> tuple[dict, bool]:
    try:
        item = new_item(order, who, asked, priced(asked, products(list(asked["lines"]))), trace)
    except Exception:
        stored = dynamo.get_item(TableName=ORDERS, Key={"pk": {"S": f"ORDER#{order}"}}, ConsistentRead=True)
        if "Item" in stored:
            return replay(stored["Item"], asked)
        raise
    try:
        dynamo.put_item(
            TableName=ORDERS, Item=item, ReturnValuesOnConditionCheckFailure="ALL_OLD",
            ConditionExpression="attribute_not_exists(#key)", ExpressionAttributeNames={"#key": "pk"},
        )
    except dynamo.exceptions.ConditionalCheckFailedException as refused:
        return replay(refused.response["Item"], asked)
    return item, False


def read(event: dict) -> object:
    if not JSON_TYPE.fullmatch(event["headers"].get("content-type", "")):
        raise Refusal(415, "unsupported-media-type", "the body must be application/json")
    body = event.get("body", "")
    data = b64decode(body) if event.get("isBase64Encoded") else body.encode()
    if len(data) > 65_536:
        raise Refusal(413, "body-too-large", "the body may have 65536 bytes")
    try:
        return json.loads(data)
    except ValueError as error:
        raise Refusal(400, "malformed-json", "the body is not JSON") from error


def respond(event: dict, line: dict) -> dict:
    who = principal(event["headers"].get("authorization", ""))
    if who is None:
        raise Refusal(401, "unauthorised", "a valid access token is needed")
    body = read(event)
    key = event["headers"].get("idempotency-key", "")
    if not re.fullmatch("[!-~]{1,255}", key):
        raise Refusal(400, "idempotency-key", "1 to 255 visible ASCII characters are needed")
    asked = placement(body)
    order = order_id(who["tenant"], who["sub"], key)
    item, replayed = place(order, who, asked, line["traceparent"])
    line["order.id"] = order
    headers = {"content-type": "application/json", "location": f"/api/v1/orders/{order}"}
    if replayed:
        headers["idempotency-replayed"] = "true"
    return {"statusCode": 201, "headers": headers, "body": json.dumps(answer_of(item), separators=(",", ":"))}


def problem(error: Exception, line: dict) -> dict:
    ours = isinstance(error, Refusal)
    status, slug = (error.status, error.slug) if ours else (503, "unavailable")
    line["outcome"] = slug
    body = {"type": f"https://cartwright.example/problems/{slug}", "title": slug, "status": status}
    if ours:
        body["detail"] = str(error)
    else:
        line.update(level="ERROR", error=f"{type(error).__name__}: {error}")
    return {"statusCode": status, "headers": {"content-type": "application/problem+json"}, "body": json.dumps(body)}


def handler(event: dict, context) -> dict:
    started, given = time.monotonic(), TRACE.fullmatch(event["headers"].get("traceparent", ""))
    trace = f"00-{given[1] if given else uuid.uuid4().hex}-{uuid.uuid4().hex[16:]}-01"
    ids = {"x-request-id": event["headers"].get("x-request-id") or str(uuid.uuid4()), "traceparent": trace}
    line = {
        "time": datetime.now(timezone.utc).isoformat(timespec="milliseconds"), "level": "INFO",
        "function": "place-order", "request_id": context.aws_request_id, "http.request_id": ids["x-request-id"],
        "traceparent": trace, "http.method": "POST", "http.route": "/api/v1/orders", "outcome": "ok",
    }
    try:
        response = respond(event, line)
    except Exception as error:  # noqa: BLE001 - every request is answered
        response = problem(error, line)
    response["headers"].update(SECURITY, **ids)
    line.update(status=response["statusCode"], duration_ms=int((time.monotonic() - started) * 1000), message="request")
    print(json.dumps(line, separators=(",", ":")), flush=True)
    return response
