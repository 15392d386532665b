"""Checks that every peer does the job of `place-order`: the same answers, and one item for one order.

    .local/venv/bin/python tests/bench/peers/check.py [NAME…]

Each peer is started as the benchmarks start it, against a small runtime API in this program and an
emulator of its own (port 4610, or `CARTWRIGHT_BENCH_AWS_PORT`).
"""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import boto3
from botocore.config import Config
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

# From this folder, before the local stack's, which has one of that name, too.
import install

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path[:0] = [str(HERE.parent), str(ROOT / "infra")]

import bench_emulator  # noqa: E402
import token_key  # noqa: E402
from settings import without_proxy  # noqa: E402

EVENT = json.loads((ROOT / "functions" / "place-order" / "fixtures" / "post-order.json").read_text())
ISSUER, AUDIENCE = "https://cartwright.example", "cartwright-api"
WAIT_SECONDS = 30
# What our own function answers for the fixture's key of this customer (its tests have it, too).
ORDER_ID = "741e4fe0-b8db-8080-9f91-6f1187240434"


class Runtime(ThreadingHTTPServer):
    """Lambda's runtime API for one program. `started` is set by its first question for work."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Questions)
        self.events: queue.Queue = queue.Queue()
        self.answers: queue.Queue = queue.Queue()
        self.started = threading.Event()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    def invoke(self, event: dict) -> dict:
        self.events.put(event)
        path, body = self.answers.get(timeout=WAIT_SECONDS)
        if not path.endswith("/invocation/request-1/response"):
            raise AssertionError(f"{path}: {body}")
        return body


class Questions(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Runtime

    def do_GET(self) -> None:
        self.server.started.set()
        body = json.dumps(self.server.events.get()).encode()
        headers = {
            "lambda-runtime-aws-request-id": "request-1",
            "lambda-runtime-deadline-ms": str(int(time.time() * 1000) + 10_000),
        }
        self.reply(200, body, headers)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.reply(202, b"{}", {})
        self.server.answers.put((self.path, json.loads(body)))

    def reply(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "content-length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def peer(command: tuple[str, ...], environment: dict[str, str], log: Path) -> Iterator[Runtime]:
    runtime = Runtime()
    threading.Thread(target=runtime.serve_forever, daemon=True).start()
    environment = {**environment, "AWS_LAMBDA_RUNTIME_API": runtime.address}
    with log.open("wb") as output:
        program = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)
        try:
            if not runtime.started.wait(WAIT_SECONDS):
                raise AssertionError(f"{command[0]} did not start: {log.read_text()}")
            yield runtime
        finally:
            program.terminate()
            program.wait(WAIT_SECONDS)
            runtime.shutdown()


class Tokens:
    """Makes access tokens of a key of its own."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.jwks = token_key.jwks(self.key)
        self.kid = json.loads(self.jwks)["keys"][0]["kid"]

    def make(self, header: dict | None = None, **claims: object) -> str:
        now = int(time.time())
        usual = {
            "iss": ISSUER, "aud": AUDIENCE, "sub": "alice", "tenant": "main", "roles": ["customer"],
            "email": "alice@example.org", "iat": now, "exp": now + 600,
        }
        parts = ({"alg": "RS256", "typ": "at+jwt", "kid": self.kid, **(header or {})}, {**usual, **claims})
        signed = ".".join(self.encoded(json.dumps(part).encode()) for part in parts)
        return f"{signed}.{self.encoded(self.key.sign(signed.encode(), PKCS1v15(), SHA256()))}"

    @staticmethod
    def encoded(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Shop:
    """Two tables in the emulator, with tea on sale."""

    def __init__(self, environment: dict[str, str], name: str) -> None:
        self.orders, self.catalog = f"orders-{name}", f"catalog-{name}"
        self.client = boto3.client(
            "dynamodb", endpoint_url=environment["AWS_ENDPOINT_URL"], region_name=environment["AWS_REGION"],
            aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"], config=Config(proxies={}),
        )
        for table in (self.orders, self.catalog):
            self.client.create_table(
                TableName=table, BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
                KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            )
        for product, active in (("tea", True), ("hat", False)):
            item = {
                "pk": {"S": f"PRODUCT#{product}"}, "entity": {"S": "product"}, "version": {"N": "1"},
                "sku": {"S": f"sku-{product}"}, "name": {"S": product}, "price": {"N": "1200"},
                "currency": {"S": "EUR"}, "active": {"BOOL": active},
            }
            self.client.put_item(TableName=self.catalog, Item=item)

    def items(self) -> list[dict]:
        return self.client.scan(TableName=self.orders)["Items"]


def event(token: str, change=lambda _: None, **headers: str | None) -> dict:
    """The fixture with another token, body and headers; a header that is None is left out."""
    made = copy.deepcopy(EVENT)
    body = json.loads(base64.b64decode(made["body"]))
    text = change(body)
    made["body"] = base64.b64encode((text or json.dumps(body)).encode()).decode()
    given = {"authorization": f"Bearer {token}", **{name.replace("_", "-"): value for name, value in headers.items()}}
    made["headers"] = {name: value for name, value in {**made["headers"], **given}.items() if value is not None}
    return made


def setting(path: str, value: object):
    """A change of a body: `a.b` becomes the value."""

    def change(body: dict) -> None:
        *parents, last = [int(part) if part.isdecimal() else part for part in path.split(".")]
        for part in parents:
            body = body[part]
        body[last] = value

    return change


def refused(tokens: Tokens, good: str) -> list[tuple[str, dict, int, str]]:
    """Requests that are refused: what is wrong, the request, status and problem."""
    now = int(time.time())
    wrong = {
        "no token": None, "garbage": "Bearer abc", "another type": tokens.make(header={"typ": "JWT"}),
        "another algorithm": tokens.make(header={"alg": "none"}), "unknown key": tokens.make(header={"kid": "x"}),
        "another issuer": tokens.make(iss="x"), "another audience": tokens.make(aud="x"),
        "expired": tokens.make(iat=now - 700, exp=now - 31), "not yet": tokens.make(nbf=now + 300),
        "changed": good[:-8] + ("A" * 8), "unusable id": tokens.make(sub="a b"),
    }
    cases = [
        (name, event("", authorization=token and f"Bearer {token}"), 401, "unauthorised") for name, token in wrong.items()
    ]
    bodies = [
        ("no JSON", lambda _: "{", 400, "malformed-json"),
        ("a list", lambda _: "[]", 400, "unexpected-body"),
        ("unknown field", setting("price", 1), 400, "unexpected-body"),
        ("unknown field in a line", setting("lines.0.price", 1), 400, "unexpected-body"),
        ("quantity as text", setting("lines.0.quantity", "2"), 400, "unexpected-body"),
        ("half a tea", setting("lines.0.quantity", 1.5), 400, "unexpected-body"),
        ("no lines", setting("lines", []), 422, "invalid-body"),
        ("none", setting("lines.0.quantity", 0), 422, "invalid-body"),
        ("too many", setting("lines.0.quantity", 1001), 422, "invalid-body"),
        ("control character", setting("ship_to.street", "a\nb"), 422, "invalid-body"),
        ("country", setting("ship_to.country", "uk"), 422, "invalid-body"),
        ("card number", setting("payment_method", "4242424242424242"), 422, "invalid-body"),
        ("e-mail", setting("contact", {"email": "nobody"}), 422, "invalid-body"),
        ("unknown product", setting("lines.0.product_id", "gin"), 422, "unknown-product"),
        ("not on sale", setting("lines.0.product_id", "hat"), 422, "product-not-on-sale"),
        ("total", setting("expected_total", {"minor": 1, "currency": "EUR"}), 409, "total-differs"),
    ]
    cases += [(name, event(good, change, idempotency_key="other"), status, slug) for name, change, status, slug in bodies]
    cases.append(("no key", event(good, idempotency_key=None), 400, "idempotency-key"))
    cases.append(("form", event(good, content_type="text/plain"), 415, "unsupported-media-type"))
    return cases


def expect(what: str, found: object, wanted: object) -> None:
    if found != wanted:
        raise AssertionError(f"{what}: {found!r}, not {wanted!r}")


def check(runtime: Runtime, shop: Shop, tokens: Tokens) -> int:
    """Returns how many requests were answered as they should be."""
    good = tokens.make()
    first = runtime.invoke(event(good))
    expect("good order", first["statusCode"], 201)
    body = json.loads(first["body"])
    expect("order id", body["order_id"], ORDER_ID)
    expect("location", first["headers"]["location"], f"/api/v1/orders/{ORDER_ID}")
    expect("total", (body["status"], body["total"]), ("pending", {"minor": 2400, "currency": "EUR"}))
    again = runtime.invoke(event(good, lambda order: json.dumps(dict(reversed(order.items())), indent=2)))
    expect("replay", (again["statusCode"], again["body"]), (201, first["body"]))
    expect("replay header", again["headers"].get("idempotency-replayed"), "true")
    for name, quantity in (("other body", 3), ("other product", None)):
        change = setting("lines.0.quantity", quantity) if quantity else setting("lines.0.product_id", "hat")
        reused = runtime.invoke(event(good, change))
        slug = json.loads(reused["body"])["type"].rsplit("/", 1)[1]
        expect(name, (reused["statusCode"], slug), (422, "idempotency-key-reused"))
    cases = refused(tokens, good)
    for name, request, status, slug in cases:
        answer = runtime.invoke(request)
        problem = json.loads(answer["body"])
        expect(name, (answer["statusCode"], problem["type"].rsplit("/", 1)[1]), (status, slug))
    items = shop.items()
    expect("items", [item["pk"]["S"] for item in items], [f"ORDER#{ORDER_ID}"])
    # The fixture's body is in the canonical form already.
    expect("request hash", items[0]["request"]["S"], hashlib.sha256(base64.b64decode(EVENT["body"])).hexdigest())
    return 4 + len(cases)


def comparable(item: dict) -> dict:
    """An order's item without what differs from run to run."""
    digits = {name: len(item[name]["S"]) for name in ("placed_key", "trace")}
    placed = int(item["placed_key"]["S"][:19])
    expect("event", item["events"]["L"][0]["M"]["t"]["N"], str(placed))
    return {**{name: value for name, value in item.items() if name not in (*digits, "events", "day_shard")}, **digits}


def main() -> int:
    names = sys.argv[1:] or list(install.COMMANDS)
    install.install_all()
    tokens, items = Tokens(), {}
    with bench_emulator.running() as emulator:
        # Not `AWS_DEFAULT_REGION`: the benchmarks set what our own function needs, and no more.
        aws = {name: value for name, value in emulator.aws_environment().items() if name != "AWS_DEFAULT_REGION"}
        for number, name in enumerate(names):
            shop = Shop(aws, str(number))
            environment = without_proxy({
                "PATH": os.environ["PATH"], **aws, "ORDERS_TABLE": shop.orders, "CATALOG_TABLE": shop.catalog,
                "TOKEN_JWKS": tokens.jwks, "TOKEN_ISSUER": ISSUER, "TOKEN_AUDIENCE": AUDIENCE,
            })
            log = emulator.logs / f"peer-{number}.log"
            with peer(install.COMMANDS[name], environment, log) as runtime:
                count = check(runtime, shop, tokens)
            lines = [json.loads(line) for line in log.read_text().splitlines()]
            expect("log lines", len(lines), count)
            items[name] = comparable(shop.items()[0])
            print(f"{name}: {count} requests answered as they should be, one item, a log line each", flush=True)
    expect("items of all peers", list(items.values()), [items[names[0]]] * len(names))
    return 0


if __name__ == "__main__":
    sys.exit(main())
