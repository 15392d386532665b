"""The programs of the local stack: how each is started, seen to be well, and stopped."""

from __future__ import annotations

import hashlib
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import processes
from settings import HOST, REGION, ROOT, ROOT_CREDENTIALS, Instance, StackError

HERE = Path(__file__).resolve().parent
# The emulator writes everything it holds before it ends.
EMULATOR_STOP_SECONDS = 90
# What a started program sees of the caller's environment. Nothing else: a person's own AWS
# profile or proxy must not reach the functions.
PASSED_ON = ("HOME", "LANG", "LC_ALL", "PATH", "TZ", "USER")


@dataclass(frozen=True)
class Service:
    """`start` returns the process id; `fingerprint` tells a running program from an outdated one."""

    name: str
    port: str
    start: Callable[[Instance], int]
    healthy: Callable[[Instance], bool]
    fingerprint: Callable[[Instance], str]
    start_seconds: float
    stop_seconds: float

    def record_file(self, instance: Instance) -> Path:
        return instance.run / f"{self.name}.json"

    def log(self, instance: Instance) -> Path:
        return instance.logs / f"{self.name}.log"


def _clean_environment() -> dict[str, str]:
    return {name: os.environ[name] for name in PASSED_ON if name in os.environ}


def _answers(url: str) -> bool:
    # No proxy for one's own machine, whatever the environment says.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=2) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False


def _digest(parts: list[str], files: list[Path]) -> str:
    digest = hashlib.sha256()
    for part in [*parts, *(file.read_text() for file in files)]:
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()


def _emulator_environment(instance: Instance) -> dict[str, str]:
    port = str(instance.ports["aws"].number)
    return {
        **_clean_environment(),
        **ROOT_CREDENTIALS,
        "AUTH": "true",
        # Handed on to the functions: what they call passes the proxy, which counts it.
        "AWS_ENDPOINT_URL": instance.url("proxy"),
        "BIND_HOST": HOST,
        "CARTWRIGHT_REPLAY_FROM": str(instance.replay_from),
        "CARTWRIGHT_WORKERS_PER_FUNCTION": str(instance.workers_per_function),
        # It would remove the containers of any other emulator on this machine.
        "DOCKER_HOST": f"unix://{instance.run}/no-docker",
        "GATEWAY_PORT": port,
        "IOT_MTLS_ENABLED": "0",
        # The gate in front of the functions is the limit; see emulator_changes.py.
        "LAMBDA_ACCOUNT_CONCURRENCY": "0",
        "LOG_LEVEL": os.environ.get("CARTWRIGHT_EMULATOR_LOG_LEVEL", "WARNING"),
        "MINISTACK_HOST": HOST,
        "MINISTACK_REGION": REGION,
        "MINISTACK_WORKER_THREADS": "256",
        "PERSIST_STATE": "1",
        "PYTHONUNBUFFERED": "1",
        "S3_DATA_DIR": str(instance.state / "aws" / "s3"),
        "S3_PERSIST": "1",
        "SFTP_ENABLED": "0",
        "STATE_DIR": str(instance.state / "aws"),
        "TMPDIR": str(instance.scratch),
    }


def _start_emulator(instance: Instance) -> int:
    processes.end(processes.strays(instance.scratch))
    for folder in (instance.scratch, instance.state / "aws"):
        folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, str(HERE / "emulator.py")]
    return processes.spawn(command, _emulator_environment(instance), EMULATOR.log(instance)).pid


def _emulator_fingerprint(instance: Instance) -> str:
    sources = [HERE / name for name in ("emulator.py", "emulator_changes.py", "turnstile.py", "requirements.txt")]
    own = {name: value for name, value in _emulator_environment(instance).items() if name not in PASSED_ON}
    return _digest(sorted(f"{name}={value}" for name, value in own.items()), sources)


def _program(name: str) -> Path:
    target = Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target")
    program = target / "local" / name
    if not program.is_file():
        raise StackError(f"{program} is missing; build it with `make build`")
    return program


def _start_providers(instance: Instance) -> int:
    book = instance.state / "providers"
    book.mkdir(parents=True, exist_ok=True)
    port = str(instance.ports["providers"].number)
    command = [str(_program("provider-stand-ins")), "--port", port, "--book", str(book)]
    return processes.spawn(command, _clean_environment(), PROVIDERS.log(instance)).pid


def _start_proxy(instance: Instance) -> int:
    port = str(instance.ports["proxy"].number)
    command = [str(_program("aws-proxy")), "--port", port, "--upstream", instance.url("aws")]
    return processes.spawn(command, _clean_environment(), PROXY.log(instance)).pid


def _program_fingerprint(name: str, *addresses: str) -> str:
    return _digest([hashlib.sha256(_program(name).read_bytes()).hexdigest(), *addresses], [])


def _start_docs(instance: Instance) -> int:
    port = str(instance.ports["docs"].number)
    command = [sys.executable, str(HERE / "docs_page.py"), "--port", port, "--env", str(instance.env_file)]
    return processes.spawn(command, _clean_environment(), DOCS.log(instance)).pid


def _start_postgres(instance: Instance) -> int:
    import postgres

    return postgres.start(instance)


def _postgres_healthy(instance: Instance) -> bool:
    import postgres

    return postgres.healthy(instance)


def _start_valkey(instance: Instance) -> int:
    import cache

    return cache.start(instance, _clean_environment(), VALKEY.log(instance))


def _valkey_healthy(instance: Instance) -> bool:
    import cache

    return cache.healthy(instance)


EMULATOR = Service(
    name="emulator",
    port="aws",
    start=_start_emulator,
    healthy=lambda instance: _answers(f"{instance.url('aws')}/_ministack/health"),
    fingerprint=_emulator_fingerprint,
    start_seconds=60,
    stop_seconds=EMULATOR_STOP_SECONDS,
)
PROVIDERS = Service(
    name="providers",
    port="providers",
    start=_start_providers,
    healthy=lambda instance: _answers(f"{instance.url('providers')}/health"),
    fingerprint=lambda instance: _program_fingerprint("provider-stand-ins", instance.url("providers")),
    start_seconds=20,
    stop_seconds=10,
)
PROXY = Service(
    name="proxy",
    port="proxy",
    start=_start_proxy,
    healthy=lambda instance: _answers(f"{instance.url('proxy')}/_proxy/health"),
    fingerprint=lambda instance: _program_fingerprint("aws-proxy", instance.url("proxy"), instance.url("aws")),
    start_seconds=20,
    stop_seconds=10,
)
DOCS = Service(
    name="docs",
    port="docs",
    start=_start_docs,
    healthy=lambda instance: _answers(f"{instance.url('docs')}/openapi.json"),
    fingerprint=lambda instance: _digest(
        [instance.url("docs")], [HERE / name for name in ("docs_page.py", "settings.py", "requirements.txt")]
    ),
    start_seconds=20,
    stop_seconds=10,
)
POSTGRES = Service(
    name="postgres",
    port="postgres",
    start=_start_postgres,
    healthy=_postgres_healthy,
    fingerprint=lambda instance: _digest([instance.url("postgres")], [HERE / "postgres.py"]),
    start_seconds=60,
    stop_seconds=30,
)

VALKEY = Service(
    name="valkey",
    port="valkey",
    start=_start_valkey,
    healthy=_valkey_healthy,
    fingerprint=lambda instance: _digest([instance.valkey_url], [HERE / "cache.py"]),
    start_seconds=20,
    stop_seconds=10,
)


def of(instance: Instance) -> tuple[Service, ...]:
    """In starting order; stopped the other way round, so that functions end before what they call."""
    database = () if instance.database_url else (POSTGRES,)
    cache = (VALKEY,) if "valkey" in instance.ports else ()
    return (*database, *cache, DOCS, PROVIDERS, PROXY, EMULATOR)


# In this order, whichever of them this instance has.
STOPPED = (EMULATOR, PROXY, PROVIDERS, DOCS, VALKEY, POSTGRES)
