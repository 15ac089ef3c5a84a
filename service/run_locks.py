"""One launcher on one data folder: the next one waits for what a killed one left behind, and yields to a live one."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from service.processes import arguments_of
from service.refusals import StartUpRefused

# A killed launcher's server ends within its graceful seconds and stops the database.
PATIENCE_SECONDS = 30.0


@contextmanager
def held_lock(path: Path) -> Iterator[int]:
    """Hold the lock at `path` and give its descriptor, which servers inherit so that it outlives a killed launcher.

    StartUpRefused names the process that holds it.
    """
    with path.open("a+", encoding="utf-8") as file:
        _acquire(file, path)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield file.fileno()


def _acquire(file: TextIO, path: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = path.read_text(encoding="utf-8").strip()
            if (holder and arguments_of(int(holder))) or time.monotonic() > deadline:
                raise StartUpRefused(
                    f"A broker already runs on {path.parent} (process {holder}). Set DATA_DIR and PORT to run another."
                ) from None
            time.sleep(0.1)
        else:
            return
