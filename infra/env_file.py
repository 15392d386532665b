"""The env file: what a person, the CLI and the tests need to talk to a deployed stack.

`export NAME='value'` lines, so that `. .local/env` is enough in a shell.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path

from settings import LOCAL, ROOT, StackError

DEMO_CUSTOMER = "demo"


def variable(output: str) -> str:
    """`EventsTopicArn` → `EVENTS_TOPIC_ARN`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", output).upper()


def _token(key: Path, environment: dict[str, str], *arguments: str) -> str:
    target = Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target")
    program = target / "local" / "cartwright"
    if not program.is_file():
        raise StackError(f"{program} is missing; build it with `make build`")
    done = subprocess.run(
        [program, "token", *arguments],
        env={**environment, "CARTWRIGHT_TOKEN_KEY": str(key)}, capture_output=True, text=True, check=False,
    )
    if done.returncode != 0:
        raise StackError(f"cartwright token failed: {done.stderr.strip()}")
    return done.stdout.strip()


def _local(target, outputs: dict[str, str]) -> dict[str, str]:
    instance = target.instance
    return {
        **instance.aws_environment(),
        # Host names below `localhost` do not resolve everywhere; a path always works.
        "API_URL": f"{target.endpoint}/_aws/execute-api/{outputs['ApiId']}",
        "CARTWRIGHT_TOKEN_KEY": str(instance.token_key),
        "CARTWRIGHT_PAYMENT_WEBHOOK_SECRET": str(instance.payment_webhook_secret),
        "CARTWRIGHT_CARRIER_WEBHOOK_SECRET": str(instance.carrier_webhook_secret),
        "CUSTOMER_TOKEN": _token(instance.token_key, target.environment, "--customer", DEMO_CUSTOMER),
        "ADMIN_TOKEN": _token(instance.token_key, target.environment, "--admin"),
        "DATABASE_URL": instance.postgres_url,
        "VALKEY_URL": instance.valkey_url,
        "PROVIDERS_URL": instance.url("providers"),
        "PROXY_URL": instance.url("proxy"),
    }


def write(target, stack: str, outputs: dict[str, str]) -> Path:
    values = {variable(name): text for name, text in outputs.items()}
    values["CARTWRIGHT_STACK"] = stack
    if target.local:
        values |= _local(target, outputs)
        path = target.instance.env_file
    else:
        values["AWS_REGION"] = target.session.region_name
        path = LOCAL / "aws" / "env"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    lines = [f"export {name}={shlex.quote(text)}\n" for name, text in sorted(values.items())]
    path.write_text("".join(lines))
    return path
