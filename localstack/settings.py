"""Where one instance of the local stack keeps its things, and on which ports it listens.

There are two instances: `default`, which a person works with, and `test`, which the
test suites start and throw away. They share nothing but the installed programs.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"
HOST = "127.0.0.1"
REGION = "us-east-1"

INSTANCES = ("default", "test")
# Environment variable and default of each port, by instance.
PORTS = {
    "default": {
        "aws": ("CARTWRIGHT_AWS_PORT", 4566),
        "providers": ("CARTWRIGHT_PROVIDERS_PORT", 4580),
        "proxy": ("CARTWRIGHT_PROXY_PORT", 4582),
        "docs": ("CARTWRIGHT_DOCS_PORT", 4584),
        "postgres": ("CARTWRIGHT_POSTGRES_PORT", 5433),
    },
    "test": {
        "aws": ("CARTWRIGHT_TEST_AWS_PORT", 4576),
        "providers": ("CARTWRIGHT_TEST_PROVIDERS_PORT", 4581),
        "proxy": ("CARTWRIGHT_TEST_PROXY_PORT", 4583),
        "docs": ("CARTWRIGHT_TEST_DOCS_PORT", 4585),
        "postgres": ("CARTWRIGHT_TEST_POSTGRES_PORT", 5434),
        "valkey": ("CARTWRIGHT_TEST_VALKEY_PORT", 6381),
    },
}
# The emulator takes this key id for the account's root user, whatever the secret.
ROOT_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",  # noqa: S105 - known to every copy of the emulator
}


class StackError(Exception):
    """Something the person at the keyboard can put right; the text says how."""


@dataclass(frozen=True)
class Port:
    number: int
    variable: str


@dataclass(frozen=True)
class Instance:
    """Paths, ports and limits of one instance, read once at start."""

    name: str
    ports: dict[str, Port]
    workers_per_function: int
    database_url: str | None
    cache_url: str | None

    @property
    def home(self) -> Path:
        return LOCAL if self.name == "default" else LOCAL / self.name

    @property
    def run(self) -> Path:
        return self.home / "run"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def state(self) -> Path:
        return self.home / "state"

    @property
    def scratch(self) -> Path:
        return self.home / "tmp"

    @property
    def env_file(self) -> Path:
        return self.home / "env"

    @property
    def token_key(self) -> Path:
        return self.home / "token-key.pem"

    @property
    def refresh_key(self) -> Path:
        return self.home / "refresh-key"

    @property
    def cursor_key(self) -> Path:
        return self.home / "cursor-key"

    @property
    def payment_webhook_secret(self) -> Path:
        return self.home / "payment-webhook-secret"

    @property
    def carrier_webhook_secret(self) -> Path:
        return self.home / "carrier-webhook-secret"

    @property
    def link_key(self) -> Path:
        return self.home / "link-key"

    @property
    def code_key(self) -> Path:
        return self.home / "code-key"

    @property
    def audit_key(self) -> Path:
        return self.home / "audit-key"

    @property
    def replay_from(self) -> Path:
        """Time from which events may be missing. Beside the saved state, because it is true for that state only."""
        return self.state / "aws" / "replay-from"

    @property
    def forgettable(self) -> tuple[Path, ...]:
        """What `clean` removes."""
        keys = (self.token_key, self.refresh_key, self.cursor_key, self.link_key, self.code_key, self.audit_key)
        secrets = (self.payment_webhook_secret, self.carrier_webhook_secret)
        return (self.run, self.logs, self.state, self.scratch, self.env_file, *keys, *secrets)

    def url(self, service: str) -> str:
        return f"http://{HOST}:{self.ports[service].number}"

    @property
    def postgres_url(self) -> str:
        if self.database_url:
            return self.database_url
        return f"postgresql://postgres@{HOST}:{self.ports['postgres'].number}/postgres"

    @property
    def valkey_url(self) -> str:
        """A person's own, if any; the tests have one. It must not be needed for anything."""
        if "valkey" in self.ports:
            return f"redis://{HOST}:{self.ports['valkey'].number}"
        return self.cache_url or ""

    def postgres_url_of(self, use: str) -> str:
        """For a function whose use of the database is this. A person's own database knows that person only."""
        if self.database_url:
            return self.database_url
        return f"postgresql://cartwright_{use}@{HOST}:{self.ports['postgres'].number}/postgres"

    def aws_environment(self) -> dict[str, str]:
        """The environment in which an AWS client talks to this instance as administrator."""
        return {
            "AWS_ENDPOINT_URL": self.url("aws"),
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            **ROOT_CREDENTIALS,
        }


def without_proxy(environment: dict[str, str]) -> dict[str, str]:
    """The environment with this machine among what is reached without a proxy."""
    kept = environment.get("no_proxy") or environment.get("NO_PROXY") or ""
    hosts = kept if kept == "*" or HOST in kept.split(",") else ",".join(filter(None, (kept, HOST)))
    # Some programs read the one, some the other.
    return {**environment, "NO_PROXY": hosts, "no_proxy": hosts}


def dot_env(path: Path = ROOT / ".env") -> dict[str, str]:
    """`KEY=VALUE` lines; comments, blank lines, `export` and surrounding quotes are ignored."""
    if not path.is_file():
        return {}
    values = {}
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        text = line.strip().removeprefix("export ")
        if not text or text.startswith("#"):
            continue
        key, equals, value = text.partition("=")
        if not equals:
            raise StackError(f".env line {number} is not KEY=VALUE: {line!r}")
        values[key.strip()] = value.strip().strip("'\"")
    return values


def whole_number(values: dict[str, str], variable: str, default: int, upper: int) -> int:
    text = values.get(variable) or str(default)
    if not text.isdecimal() or not 1 <= int(text) <= upper:
        raise StackError(f"{variable} must be a whole number from 1 to {upper}, not {text!r}")
    return int(text)


def load(name: str) -> Instance:
    """The instance's settings: the environment, then `.env`, then the defaults."""
    file_values = dot_env()
    values = {**file_values, **os.environ}
    ports = {
        service: Port(whole_number(values, variable, default, 65535), variable)
        for service, (variable, default) in PORTS[name].items()
    }
    # A person's own database: from the file only, because `.local/env` exports the same name,
    # and never handed to the tests.
    database_url = file_values.get("DATABASE_URL") if name == "default" else None
    return Instance(
        name=name,
        ports=ports,
        workers_per_function=whole_number(values, "CARTWRIGHT_WORKERS_PER_FUNCTION", 4, 1000),
        database_url=database_url or None,
        cache_url=file_values.get("CACHE_URL") if name == "default" else None,
    )
