"""Starts the AWS emulator with what the local stack needs beyond its own options.

Run by `stack.py`, never by hand: the settings arrive as environment variables. The changes
themselves are in `emulator_changes.py`, each with its reason.
"""

from __future__ import annotations

import asyncio
import os
import resource
import socket
import socketserver
import sys

import uvicorn
import uvloop

import emulator_changes


def allow_many_files() -> None:
    """A burst of requests needs more files than the usual limit of 1,024 allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY:
        hard = max(soft, 65_536)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (ValueError, OSError):
        # macOS refuses some values that it reports as its limit.
        return


class Server(uvicorn.Server):
    """Brings the functions to rest before connections are closed and the state is saved."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await asyncio.to_thread(emulator_changes.quiesce)
        await super().shutdown(sockets)
        # Everything is saved. An execution that waits does so in a thread that Python would wait for.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


async def serve(host: str, port: int) -> None:
    from ministack.app import app

    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http="httptools",
        ws="wsproto",
        # API Gateway closes sockets that are idle, and pings none.
        ws_ping_interval=None,
        ws_ping_timeout=None,
        # What goes wrong when the state is loaded or saved is an error.
        lifespan="on",
        timeout_keep_alive=75,
        timeout_graceful_shutdown=3,
        log_level="warning",
        access_log=False,
        # The emulator writes both itself.
        server_header=False,
        date_header=False,
    )
    await Server(config).serve()


def main() -> None:
    # Without it every invocation waits 40 ms for a delayed acknowledgement.
    socketserver.StreamRequestHandler.disable_nagle_algorithm = True
    allow_many_files()
    emulator_changes.apply(
        workers=int(os.environ["CARTWRIGHT_WORKERS_PER_FUNCTION"]),
        replay_from=os.environ["CARTWRIGHT_REPLAY_FROM"],
    )
    uvloop.run(serve(os.environ["BIND_HOST"], int(os.environ["GATEWAY_PORT"])))


if __name__ == "__main__":
    main()
