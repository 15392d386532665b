"""Deploys the common sample saga to an emulator and sends orders through it.

    .local/venv/bin/python tests/bench/sample-saga/deploy.py [--orders N] [--fail-at payment] [--endpoint URL]

Without an endpoint, on an emulator of its own that ends afterwards. For programs: `deploy`, then `run`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
from botocore.config import Config

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path[:0] = [str(HERE.parent), str(ROOT / "localstack"), str(ROOT / "infra")]

import bench_emulator  # noqa: E402
import change_set  # noqa: E402
from settings import REGION, ROOT_CREDENTIALS, without_proxy  # noqa: E402

STACK = "sample-saga"
BUCKET = f"{STACK}-artifacts"
PRODUCT = "teapot-brown-6-cups"
STOCK = 1_000_000
WAIT_SECONDS = 120
# No proxy for one's own machine, whatever the environment says.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def client(endpoint: str, service: str):
    return boto3.client(
        service, endpoint_url=endpoint, region_name=REGION, config=Config(proxies={}, user_agent_appid="bench"),
        aws_access_key_id=ROOT_CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=ROOT_CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    )


def package(endpoint: str, packaged: Path) -> None:
    """Uploads the functions and the state machine; writes a template that names the uploads."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment = {**kept, **ROOT_CREDENTIALS, "AWS_ENDPOINT_URL": endpoint, "AWS_DEFAULT_REGION": REGION}
    command = [
        str(Path(sys.executable).parent / "aws"), "cloudformation", "package", "--s3-bucket", BUCKET,
        "--template-file", str(HERE / "template.yaml"), "--output-template-file", str(packaged),
    ]
    done = subprocess.run(command, env=without_proxy(environment), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"packaging failed: {done.stderr.strip() or done.stdout.strip()}")


def deploy(endpoint: str, provider_milliseconds: int = 150) -> dict[str, str]:
    """Deploys the stack, fills the shelves, and returns the outputs with `ApiUrl`."""
    storage, formation = client(endpoint, "s3"), client(endpoint, "cloudformation")
    if BUCKET not in {bucket["Name"] for bucket in storage.list_buckets()["Buckets"]}:
        storage.create_bucket(Bucket=BUCKET)
    parameters = {
        "Architecture": "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64",
        "ProviderMilliseconds": str(provider_milliseconds),
    }
    with tempfile.TemporaryDirectory() as folder:
        packaged = Path(folder) / "template.yaml"
        package(endpoint, packaged)
        change_set.apply(formation, storage, STACK, packaged, BUCKET, parameters, replace_failed=True)
    outputs = change_set.outputs(formation, STACK)
    stock = {"productId": {"S": PRODUCT}, "name": {"S": "Teapot"}, "quantity": {"N": str(STOCK)}}
    client(endpoint, "dynamodb").put_item(TableName=outputs["InventoryTable"], Item=stock)
    return {**outputs, "ApiUrl": f"{endpoint}/_aws/execute-api/{outputs['ApiId']}"}


def order(number: int, fail_at: str | None = None) -> dict:
    address = {"name": "Ada Example", "street": "1 Mill Lane", "city": "Bath", "postcode": "BA1 1AA", "country": "GB"}
    items = [{"productId": PRODUCT, "quantity": 2, "price": 1200}]
    body = {"customerId": f"customer-{number}", "items": items, "address": address, "paymentToken": "pm_card_visa"}
    return {**body, "failAt": fail_at} if fail_at else body


def place(outputs: dict[str, str], body: dict) -> dict:
    """Places one order by HTTP; returns its id and its execution."""
    request = urllib.request.Request(
        f"{outputs['ApiUrl']}/orders", json.dumps(body).encode(), {"content-type": "application/json"}
    )
    with OPENER.open(request, timeout=WAIT_SECONDS) as response:
        return json.loads(response.read())


def ended(endpoint: str, execution: str) -> str:
    """Waits for the end of an execution and returns how it ended."""
    states = client(endpoint, "stepfunctions")
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        status = states.describe_execution(executionArn=execution)["status"]
        if status != "RUNNING":
            return status
        time.sleep(0.1)
    raise RuntimeError(f"{execution} still runs after {WAIT_SECONDS} s")


def run(
    endpoint: str, n: int, outputs: dict[str, str] | None = None, fail_at: str | None = None, at_once: int = 4
) -> list[dict]:
    """Places n orders and waits until their sagas have ended, well unless they were told to fail."""
    outputs = outputs or deploy(endpoint)
    with ThreadPoolExecutor(at_once) as pool:
        placed = list(pool.map(lambda number: place(outputs, order(number, fail_at)), range(n)))
        statuses = list(pool.map(lambda each: ended(endpoint, each["executionArn"]), placed))
    wanted = "FAILED" if fail_at else "SUCCEEDED"
    wrong = [each for each, status in zip(placed, statuses, strict=True) if status != wanted]
    if wrong:
        raise RuntimeError(f"{len(wrong)} of {n} orders did not end as {wanted}, such as {wrong[0]}")
    return placed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=10)
    parser.add_argument("--fail-at", choices=("inventory", "payment", "shipping"))
    parser.add_argument("--endpoint")
    arguments = parser.parse_args()
    if arguments.endpoint:
        placed = run(arguments.endpoint, arguments.orders, fail_at=arguments.fail_at)
    else:
        with bench_emulator.running() as emulator:
            placed = run(emulator.url("aws"), arguments.orders, fail_at=arguments.fail_at)
    ending = "took its order back" if arguments.fail_at else "succeeded"
    print(f"{len(placed)} orders placed, and each of their sagas {ending}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
