"""Why the service, or what runs it in development, will not start: one plain sentence for whoever started it."""

from typing import ClassVar


class StartUpRefused(Exception):
    """Something outside the code must change before this can run; the message names it and holds no secret."""

    exit_code: ClassVar[int] = 1
