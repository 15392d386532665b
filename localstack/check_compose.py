"""Checks `compose.yml` without Docker: what a reader of it relies on, and what goes stale unseen.

Where Docker's own check is installed, it runs too.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from settings import PORTS, ROOT

COMPOSE = Path(__file__).resolve().parent / "compose.yml"
PARAMETERS = ROOT / "infra" / "parameters" / "local.json"
# The stand-ins, as the functions' containers reach them.
PROVIDERS = "http://localstack:4590"
# LocalStack hands functions its own address: no proxy counts what they call. The page of the API is
# for people at the local stack.
NOT_THERE = ("docs", "proxy")


def problems(compose: dict) -> list[str]:
    found = []
    for name, service in compose["services"].items():
        _repository, colon, tag = service.get("image", "").rpartition(":")
        if not colon or tag == "latest":
            found.append(f"{name}: the image needs a fixed tag")
        for port in service.get("ports", []):
            if not port.startswith("127.0.0.1:"):
                found.append(f"{name}: port {port} is open to the network")
        shared = service.get("network_mode", "").removeprefix("service:")
        if shared and shared not in compose["services"]:
            found.append(f"{name}: there is no service {shared}")
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            if not source.startswith(("/", ".")) and source not in compose["volumes"]:
                found.append(f"{name}: volume {source} is not declared")
    text = COMPOSE.read_text()
    for service, (variable, number) in PORTS["default"].items():
        if service not in NOT_THERE and f"${{{variable}:-{number}}}" not in text:
            found.append(f"{variable} with default {number} is not used")
    for name, value in json.loads(PARAMETERS.read_text()).items():
        override = f"--parameter {name}={value.replace('${PROVIDERS_URL}', PROVIDERS)}"
        # A whole word, in quotes or not: what comes after it would be part of the address.
        given = [f"--parameter {word}" for word in re.findall(r"--parameter '?([^\s']+)", text)]
        if "${PROVIDERS_URL}" in value and override not in given:
            found.append(f"the deployment lacks {override}")
    return found


def docker_agrees() -> bool:
    docker = shutil.which("docker")
    if docker is None:
        return True
    compose = [docker, "compose"]
    if subprocess.run([*compose, "version"], capture_output=True, check=False).returncode != 0:
        return True
    environment = {**os.environ, "LOCALSTACK_AUTH_TOKEN": "checked-only"}
    return subprocess.run([*compose, "-f", COMPOSE, "config", "--quiet"], env=environment, check=False).returncode == 0


def main() -> int:
    found = problems(yaml.safe_load(COMPOSE.read_text()))
    for problem in found:
        print(f"compose.yml: {problem}", file=sys.stderr)
    return 0 if not found and docker_agrees() else 1


if __name__ == "__main__":
    sys.exit(main())
