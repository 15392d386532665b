"""The local stack: AWS emulator, provider stand-ins, PostgreSQL and the page about the API.

    stack.py [--instance test] up | down | clean | status

`up` starts what is not running yet, `down` stops what `up` started and nothing else,
`clean` also forgets all data. Both can be repeated.
"""

from __future__ import annotations

import argparse
import fcntl
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import processes
import services
import settings
from services import Service
from settings import Instance, StackError


@contextmanager
def locked(instance: Instance) -> Iterator[None]:
    """One `up` or `down` at a time."""
    instance.home.mkdir(parents=True, exist_ok=True)
    with (instance.home / "stack.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def is_current(service: Service, instance: Instance) -> bool:
    """Ours, alive, well, and started from the programs and settings of today."""
    record = processes.read(service.record_file(instance))
    return (
        record is not None
        and record.process() is not None
        and record.fingerprint == service.fingerprint(instance)
        and service.healthy(instance)
    )


def start(service: Service, instance: Instance) -> None:
    pid = service.start(instance)
    record = processes.write(service.record_file(instance), pid, service.fingerprint(instance))
    well = processes.wait_until(
        lambda: service.healthy(instance),
        lambda: record.process() is not None,
        service.start_seconds,
    )
    if not well:
        stop(service, instance)
        log = service.log(instance)
        raise StackError(f"{service.name} did not start; the end of {log}:\n{processes.last_lines(log)}")


def stop(service: Service, instance: Instance) -> bool:
    """True when there was something to stop."""
    path = service.record_file(instance)
    record = processes.read(path)
    if record is None:
        return False
    running = record.process() is not None
    if running and not processes.stop(record, service.stop_seconds):
        print(f"{service.name} had to be killed; what it had not saved is lost", file=sys.stderr)
    if service is services.EMULATOR:
        processes.end(processes.strays(instance.scratch))
    path.unlink(missing_ok=True)
    return running


def up(instance: Instance) -> list[str]:
    """Returns the names of the services that had to be started."""
    with locked(instance):
        outdated = [service for service in services.of(instance) if not is_current(service, instance)]
        for service in reversed(outdated):
            stop(service, instance)
        for service in outdated:
            processes.require_free(instance.ports[service.port], service.name)
        for service in outdated:
            begun = time.monotonic()
            start(service, instance)
            print(f"{service.name} is up after {time.monotonic() - begun:.1f} s", flush=True)
        return [service.name for service in outdated]


def up_alone(service: Service, instance: Instance) -> None:
    """Starts one service and no other."""
    with locked(instance):
        processes.require_free(instance.ports[service.port], service.name)
        start(service, instance)


def down(instance: Instance) -> None:
    with locked(instance):
        for service in services.STOPPED:
            if stop(service, instance):
                print(f"{service.name} is down", flush=True)


def clean(instance: Instance) -> None:
    down(instance)
    for path in instance.forgettable:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    print(f"forgot the data of instance {instance.name}")


def status(instance: Instance) -> None:
    for service in services.of(instance):
        record = processes.read(service.record_file(instance))
        process = record.process() if record else None
        state = "down"
        if process is not None:
            state = f"up, pid {process.pid}" if service.healthy(instance) else f"not answering, pid {process.pid}"
        where = instance.postgres_url if service is services.POSTGRES else instance.url(service.port)
        print(f"{service.name:<10} {where:<52} {state}")


def report(instance: Instance) -> None:
    print(f"AWS_ENDPOINT_URL={instance.url('aws')}")
    print(f"PROVIDERS_URL={instance.url('providers')}")
    print(f"PROXY_URL={instance.url('proxy')}")
    print(f"DATABASE_URL={instance.postgres_url}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instance", choices=settings.INSTANCES, default="default")
    parser.add_argument("command", choices=("up", "down", "clean", "status"))
    arguments = parser.parse_args()
    try:
        instance = settings.load(arguments.instance)
        if arguments.command == "up":
            up(instance)
            report(instance)
        else:
            {"down": down, "clean": clean, "status": status}[arguments.command](instance)
    except StackError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
