"""Runs the stories, then asks the API for everything that docs/openapi.json promises and for much that it does not.

    check_api.py [--instance test] [arguments of `schemathesis run`]

Once each as an API key with the role of an admin, as an admin and as a customer. What it asks is the same every
time; what is wrong is any answer that the document does not have. localstack/check_api.toml has the rules.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import requests

import check_stories
import demo
import settings
from settings import ROOT, Instance

HERE = Path(__file__).resolve().parent
RULES = HERE / "check_api.toml"
# Functions whose routes take no keys.
IN_PERSON = ("accounts-api", "audit-api", "privacy-api")
DOCUMENT = ROOT / "docs" / "openapi.json"


def post(environment: dict[str, str], path: str, body: dict, token: str, **headers: str) -> dict:
    with requests.Session() as session:
        # No proxy for one's own machine, whatever the environment says.
        session.trust_env = False
        sent = {"Authorization": f"Bearer {token}", **headers}
        answer = session.post(f"{environment['API_URL']}{path}", json=body, headers=sent, timeout=30)
        answer.raise_for_status()
        return answer.json()


def example(path: str) -> dict:
    """The document's own example of what is posted there."""
    operation = json.loads(DOCUMENT.read_text())["paths"][path]["post"]
    return operation["requestBody"]["content"]["application/json"]["example"]


def things(environment: dict[str, str]) -> dict[str, list[str]]:
    """Ids of what is there, so that not all that is asked about is missing."""
    demo.cli(environment, "seed", "--size", "small")
    orders = []
    for method in ("pm_card_visa", "pm_card_visa_chargeDeclined"):
        body = {**example("/api/v1/orders"), "payment_method": method}
        key = {"Idempotency-Key": f"check-of-the-api-{method}"}
        orders.append(post(environment, "/api/v1/orders", body, environment["CUSTOMER_TOKEN"], **key)["order_id"])
    numbers = range(1, 4)
    return {
        "orders": orders,
        "products": [f"p-{number:04}" for number in numbers],
        "skus": [f"SKU-{number:04}" for number in numbers],
    }


def prepare(folder: Path, known: dict[str, list[str]]) -> None:
    """The rules, and beside them what they name."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copy(RULES, folder)
    for name, ids in known.items():
        (folder / f"{name}.dict").write_text("".join(f'"{one}"\n' for one in ids))


def ask(folder: Path, environment: dict[str, str], arguments: list[str]) -> bool:
    program = Path(sys.executable).parent / "schemathesis"
    command = [program, "--config-file", folder / RULES.name, "run", DOCUMENT, "--url", environment["API_URL"]]
    told = {**environment, "SCHEMATHESIS_HOOKS": str(HERE / "check_api_hooks.py")}
    return subprocess.run([*command, *arguments], cwd=folder, env=told, check=False).returncode == 0


def check(instance: Instance, arguments: list[str]) -> bool:
    environment = demo.environment_of(instance)
    admin = environment["ADMIN_TOKEN"]
    folder = instance.scratch / "check-of-the-api"
    prepare(folder, things(environment))
    check_stories.check(environment)
    # Ten times the limit of a person.
    asked = {"name": "check of the API", "roles": ["admin"]}
    key = post(environment, "/api/v1/api-keys", asked, admin)["key"]
    callers = (
        ("an API key", key, []),
        # What no key may, and not more often than a person may.
        ("an admin", admin, [part for tag in IN_PERSON for part in ("--include-tag", tag)]),
        ("a customer", environment["CUSTOMER_TOKEN"], ["--phases", "examples,fuzzing", "--max-examples", "5"]),
    )
    well = True
    for who, token, own in callers:
        print(f"asking the API as {who}", flush=True)
        well &= ask(folder, {**environment, "API_CHECK_TOKEN": token}, [*own, *arguments])
    return well


def main() -> int:
    arguments = sys.argv[1:]
    name = "default"
    if arguments[:1] == ["--instance"]:
        _, name, *arguments = arguments
    instance = settings.load(name)
    if not instance.env_file.is_file():
        raise SystemExit("error: nothing is deployed; `make run` does")
    return 0 if check(instance, arguments) else 1


if __name__ == "__main__":
    sys.exit(main())
