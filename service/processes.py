"""What runs on this machine: enough to tell a live database server from a number left in a file."""

import subprocess
from pathlib import Path

PROCESS_TABLE = Path("/proc")


def arguments_of(process_id: int) -> list[str]:
    """Return the command line of a live process; empty when there is none, or only a zombie's remains."""
    if PROCESS_TABLE.joinpath("self").exists():
        try:
            raw = PROCESS_TABLE.joinpath(str(process_id), "cmdline").read_bytes()
        except OSError:
            return []
        return [part.decode(errors="replace") for part in raw.rstrip(b"\0").split(b"\0") if part]
    # macOS has no process table in files; a zombie shows there as a name in brackets.
    listing = subprocess.run(
        ["/bin/ps", "-o", "args=", "-p", str(process_id)], capture_output=True, text=True, check=False
    )
    return listing.stdout.strip().split(" ")


def is_program_on(process_id: int, program: str, folder: Path) -> bool:
    """Say whether a live process runs `program` and was given `folder`: a process number alone may be a stranger's."""
    arguments = arguments_of(process_id)
    if not arguments or Path(arguments[0]).name != program:
        return False
    return str(folder) in arguments or str(folder) in " ".join(arguments[1:])
