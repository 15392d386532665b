"""`make run`: the local stack from nothing to a confirmed order.

Starts what is not running, deploys, brings the database up to date, seeds products and stock, catches up on what a restart
interrupted, places one order and follows it to its end, then says how to go on. The CLI and
the functions must be built already.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import boto3
from botocore.config import Config

import settings
import stack
from settings import ROOT, Instance, StackError

# The sweeper does its round while the caller waits.
SWEEP_SECONDS = 60
# One of those that are seeded; whatever else a person has put into the catalogue.
PRODUCT = "p-0001"

NEXT_STEPS = """
  API         {API_URL}
  its page    {docs}
  providers   {PROVIDERS_URL}   (faults at /faults, books at /book/payments, /book/shipments, /book/messages, /book/profiles)
  PostgreSQL  {DATABASE_URL}
  AWS         {AWS_ENDPOINT_URL}   (key and secret: test; account 000000000000, {AWS_REGION})

  customer    {CUSTOMER_TOKEN}
  admin       {ADMIN_TOKEN}

All of this is in {file}; go on with:

  . {file}
  curl -s -H "authorization: Bearer $CUSTOMER_TOKEN" "$API_URL/api/v1/orders"
  curl -s -H "authorization: Bearer $CUSTOMER_TOKEN" -H "content-type: application/json" -H "idempotency-key: try-1" -d '{body}' "$API_URL/api/v1/orders"
  curl -s "$PROVIDERS_URL/book/payments"
  curl -s -X POST "$PROVIDERS_URL/carrier/shipments/ORDER_ID/ship"   (then /deliver: the carrier has the parcel)
  {program} order place --line {product}=1 --watch

`make down` stops everything and keeps the data, `make clean` forgets it.
"""
ORDER = (
    '{"lines":[{"product_id":"%s","quantity":1}],"payment_method":"pm_card_visa","ship_to":'
    '{"name":"A. Buyer","street":"1 High Street","city":"Bristol","postcode":"BS1 1AA","country":"GB"}}'
)


def program() -> Path:
    return Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target") / "local" / "cartwright"


def cli(environment: dict[str, str], *arguments: str) -> None:
    done = subprocess.run([program(), *arguments], env=environment, check=False)
    if done.returncode != 0:
        raise StackError(f"`cartwright {' '.join(arguments)}` failed")


def deploy(instance: Instance) -> None:
    command = [sys.executable, ROOT / "infra" / "deploy.py", "--target", "local", "--instance", instance.name]
    if subprocess.run(command, check=False).returncode != 0:
        raise StackError("the stack was not deployed")


def environment_of(instance: Instance) -> dict[str, str]:
    """The caller's environment with the instance's env file on top, without a person's own AWS settings and proxy."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return settings.without_proxy({**kept, **settings.dot_env(instance.env_file)})


def catch_up(environment: dict[str, str], since: str) -> None:
    """Events that no function took before the stop are published again, and open orders go on."""
    print(f"catching up since {since}", flush=True)
    cli(environment, "events", "replay", "--since", since)
    client = boto3.client(
        "lambda",
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        region_name=environment["AWS_REGION"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        config=Config(read_timeout=SWEEP_SECONDS, retries={"total_max_attempts": 1}, proxies={}),
    )
    answer = client.invoke(FunctionName=f"{environment['CARTWRIGHT_STACK']}-sweep", Payload=b"{}")
    if "FunctionError" in answer:
        raise StackError(f"sweep failed: {answer['Payload'].read().decode(errors='replace')}")


def listen(instance: Instance, environment: dict[str, str]) -> None:
    """Has the stand-ins tell the API what happens to payments and parcels. They forget it when they stop."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    secrets = {"payment": instance.payment_webhook_secret, "carrier": instance.carrier_webhook_secret}
    for sender, path in (("payment", "payments"), ("carrier", "shipping")):
        target = {"url": f"{environment['API_URL']}/api/v1/{path}/webhook", "secret": secrets[sender].read_text()}
        url = f"{environment['PROVIDERS_URL']}/webhooks/{sender}"
        opener.open(urllib.request.Request(url, json.dumps(target).encode(), method="PUT"), timeout=5).close()


def show_next_steps(instance: Instance, environment: dict[str, str]) -> None:
    values = {
        **environment,
        "body": ORDER % PRODUCT,
        "docs": instance.url("docs"),
        "file": instance.env_file.relative_to(ROOT),
        "product": PRODUCT,
        "program": os.path.relpath(program(), ROOT),
    }
    print(NEXT_STEPS.format(**values))


def migrate(environment: dict[str, str]) -> None:
    cli(environment, "db", "migrate")


def run(instance: Instance) -> None:
    started = stack.up(instance)
    deploy(instance)
    environment = environment_of(instance)
    migrate(environment)
    listen(instance, environment)
    cli(environment, "seed", "--size", "small")
    if "emulator" in started and instance.replay_from.is_file():
        catch_up(environment, instance.replay_from.read_text())
    cli(environment, "order", "place", "--line", f"{PRODUCT}=1", "--watch")
    show_next_steps(instance, environment)


def main() -> int:
    try:
        run(settings.load("default"))
    except StackError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
