"""One server process of a development machine, which lives only as long as the launcher that started it."""

import os
import socket
import sys
import threading
import time
from pathlib import Path

import uvicorn

from service import embedded_postgres

# What a stuck event loop gets beyond the graceful seconds before the process ends itself.
LAST_SECONDS = 3.0
# An idle connection is the other side's to give up: clients do after five seconds, gateways mostly after sixty. Closed
# here at that moment, it takes the next request along, which then fails for nothing. The image says the same.
IDLE_SECONDS = 75


class Lifeline:
    """A pipe from the launcher: it closes when the launcher ends, even by kill -9, and then the server must end too."""

    def __init__(self, server: uvicorn.Server, *, graceful_seconds: int, data_dir: Path | None) -> None:
        self.server = server
        self.graceful_seconds = graceful_seconds
        self.data_dir = data_dir
        self.is_cut = False

    def watch(self) -> None:
        """Wait for the launcher's end, ask the server to stop, and end a server that cannot."""
        while os.read(sys.stdin.fileno(), 1):
            pass
        self.is_cut = True
        self.server.should_exit = True
        time.sleep(self.graceful_seconds + LAST_SECONDS)
        self.clear_up()
        os._exit(1)

    def clear_up(self) -> None:
        """Stop the embedded database in the launcher's place."""
        if self.data_dir is not None:
            embedded_postgres.stop(self.data_dir)


def serve(application: str, descriptor: int, graceful_seconds: int, data_dir: Path | None) -> None:
    """Serve an application factory on a socket that already listens, until told to stop or left by the launcher."""
    # No access log: its lines hold paths, and a path holds a person's case reference.
    configuration = uvicorn.Config(
        application,
        factory=True,
        access_log=False,
        server_header=False,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=graceful_seconds,
    )
    server = uvicorn.Server(configuration)
    lifeline = Lifeline(server, graceful_seconds=graceful_seconds, data_dir=data_dir)
    threading.Thread(target=lifeline.watch, name="lifeline", daemon=True).start()
    with socket.socket(fileno=descriptor) as listening:
        server.run(sockets=[listening])
    if lifeline.is_cut:
        lifeline.clear_up()
    if not server.started:
        sys.exit(1)


def main(arguments: list[str]) -> None:
    """Serve as the launcher says: factory, socket, graceful seconds and, if it is embedded, the database's folder."""
    application, descriptor, graceful_seconds, data_dir = arguments
    serve(application, int(descriptor), int(graceful_seconds), Path(data_dir) if data_dir else None)


if __name__ == "__main__":
    main(sys.argv[1:])
