"""What an order is: the checks of a body, prices, the id, the item.

By the rules of `shared/contracts/src/http.rs`, `shared/domain/src/placement.rs` and
`shared/dynamo-store/src/item/order.rs`.
"""

import hashlib
import json
import re
import time
import uuid
from datetime import datetime, timezone

# Members in the order in which they are hashed.
ADDRESS = {"name": str, "street": str, "city": str, "postcode": str, "country": str}
BODY = {
    "lines": [{"product_id": str, "quantity": int}], "ship_to": ADDRESS, "payment_method": str,
    "contact?": {"email": str}, "expected_total?": {"minor": int, "currency": str},
}
EMAIL = re.compile(r"[\w!#$%&'*+\-/=?^`{|}~.]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", re.ASCII)
PRODUCT = re.compile(r"[A-Za-z0-9._\-@:|]{1,64}")
METHOD = re.compile(r"\w{1,64}", re.ASCII)
CARD = re.compile(r"[0-9]{12}")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Refusal(Exception):
    """Answered as a problem (RFC 9457)."""

    def __init__(self, status: int, slug: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.slug = status, slug


def _shaped(value: object, wanted: object, at: str = "") -> object:
    """The value with its members in our order; refused when it has others."""
    kind = wanted if isinstance(wanted, type) else type(wanted)
    if type(value) is not kind:
        raise Refusal(400, "unexpected-body", f"{at}: {kind.__name__} is expected")
    if kind is list:
        return [_shaped(each, wanted[0], f"{at}/{index}") for index, each in enumerate(value)]
    if kind is not dict:
        return value
    names = [(name, name.rstrip("?")) for name in wanted]
    strangers = set(value) - {plain for _, plain in names}
    if strangers:
        raise Refusal(400, "unexpected-body", f"{at}: unknown field {min(strangers)}")
    present = [(name, plain) for name, plain in names if name == plain or value.get(plain) is not None]
    return {plain: _shaped(value.get(plain), wanted[name], f"{at}/{plain}") for name, plain in present}


def _must(holds: object, at: str, rule: str) -> None:
    if not holds:
        raise Refusal(422, "invalid-body", f"{at}: {rule}")


def placement(body: object) -> dict:
    """What a body asks for: lines merged by product, and the hash that tells a repeat from a reused key."""
    body = _shaped(body, BODY)
    to, method, expected = body["ship_to"], body["payment_method"], body.get("expected_total")
    lines: dict[str, int] = {}
    for line in body["lines"]:
        product, quantity = line["product_id"], line["quantity"]
        _must(PRODUCT.fullmatch(product), "/lines", "an id of 1 to 64 characters")
        lines[product] = lines.get(product, 0) + quantity
        _must(quantity >= 1 and lines[product] <= 1000, "/lines", "a quantity of 1 to 1000")
    _must(1 <= len(lines) <= 50 and len(body["lines"]) <= 500, "/lines", "1 to 50 lines")
    for name, line in to.items():
        _must(line.strip() and len(line) <= 120 and not CONTROL.search(line), f"/ship_to/{name}", "1 to 120 characters")
    _must(re.fullmatch("[A-Z]{2}", to["country"]), "/ship_to/country", "two capital letters")
    _must(METHOD.fullmatch(method) and not CARD.search(method.replace("_", "")), "/payment_method", "the provider's token")
    email = body["contact"]["email"].strip() if "contact" in body else None
    _must(email is None or (EMAIL.fullmatch(email) and len(email) <= 254), "/contact/email", "an e-mail address")
    amount = not expected or (expected["minor"] >= 0 and re.fullmatch("[A-Z]{3}", expected["currency"]))
    _must(amount, "/expected_total", "an amount")
    canonical = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    digest = hashlib.sha256(canonical).hexdigest()
    return {"lines": lines, "to": to, "method": method, "email": email, "expected": expected, "hash": digest}


def priced(asked: dict, products: dict) -> tuple[list[dict], int, str]:
    """The lines at the catalogue's prices, their sum and its currency."""
    lines = []
    for product_id, quantity in asked["lines"].items():
        product = products.get(product_id)
        if product is None:
            raise Refusal(422, "unknown-product", f"there is no product {product_id}")
        if not product["active"]:
            raise Refusal(422, "product-not-on-sale", f"product {product_id} is not on sale")
        lines.append({**product, "id": product_id, "quantity": quantity})
    total, currency = sum(line["quantity"] * line["price"] for line in lines), lines[0]["currency"]
    if total >= 1 << 53 or any(line["currency"] != currency for line in lines):
        raise Refusal(422, "amount", "the order cannot be added up")
    if asked["expected"] not in (None, {"minor": total, "currency": currency}):
        raise Refusal(409, "total-differs", f"the total is {total} {currency} in minor units")
    return lines, total, currency


def order_id(*parts: str) -> str:
    """The first 128 bits of SHA-256 over the length-prefixed parts, as a UUID of version 8."""
    digest = hashlib.sha256()
    for part in map(str.encode, parts):
        digest.update(len(part).to_bytes(8, "big") + part)
    first = int.from_bytes(digest.digest()[:16], "big")
    return str(uuid.UUID(int=first & ~(0xF << 76) & ~(0x3 << 62) | 0x8 << 76 | 0x2 << 62))


def _s(value: str) -> dict:
    return {"S": value}


def _n(value: int) -> dict:
    return {"N": str(value)}


def _line(line: dict) -> dict:
    return {"product": _s(line["id"]), "sku": _s(line["sku"]), "qty": _n(line["quantity"]), "price": _n(line["price"])}


def new_item(order: str, who: dict, asked: dict, prices: tuple[list[dict], int, str], trace: str) -> dict:
    """The item of a new order, with the event that it was placed."""
    lines, total, currency = prices
    now = time.time_ns() // 1_000_000 * 1_000_000
    day = datetime.fromtimestamp(now / 1e9, timezone.utc).date()
    shard = int(order[-1], 16) & 3
    contact = asked["email"] or who.get("email")
    return {
        "pk": _s(f"ORDER#{order}"), "entity": _s("order"), "version": _n(1),
        "customer_key": _s(f"CUSTOMER#{who['tenant']}#{who['sub']}"), "placed_key": _s(f"{now}#{order}"),
        "day_shard": _s(f"{day}#{shard}"), "news": {"BOOL": True},
        "lines": {"L": [{"M": _line(line)} for line in lines]}, "total": _n(total), "currency": _s(currency),
        "ship_to": {"M": {name: _s(text.strip()) for name, text in asked["to"].items()}}, "method": _s(asked["method"]),
        **({"email": _s(contact)} if contact else {}), "request": _s(asked["hash"]), "trace": _s(trace),
        "status": _s("pending"), "epoch": _n(1), "events": {"L": [{"M": {"s": _n(1), "t": _n(now), "k": _s("placed")}}]},
    }


def answer_of(item: dict) -> dict:
    """What the caller is told of an order: only what never changes about it."""
    placed = datetime.fromtimestamp(int(item["placed_key"]["S"][:13]) / 1000, timezone.utc)
    lines = [
        {"product_id": line["product"]["S"], "sku": line["sku"]["S"], "quantity": int(line["qty"]["N"]),
         "unit_price_minor": int(line["price"]["N"])}
        for line in (entry["M"] for entry in item["lines"]["L"])
    ]
    return {
        "order_id": item["pk"]["S"].removeprefix("ORDER#"), "status": "pending", "lines": lines,
        "subtotal": {"minor": int(item["total"]["N"]), "currency": item["currency"]["S"]},
        "shipping": {"minor": 0, "currency": item["currency"]["S"]},
        "tax": {"minor": 0, "currency": item["currency"]["S"]},
        "total": {"minor": int(item["total"]["N"]), "currency": item["currency"]["S"]},
        "placed_at": placed.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
