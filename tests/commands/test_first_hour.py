"""The README's first hour of a provider works when it is pasted, to the last line."""

import os
import re
import subprocess
import sys
from pathlib import Path

from pydantic import SecretStr

from service.commands.demonstrations import load_demonstration_data
from service.settings import Settings
from tests.clusters import DatabaseUrls
from tests.contract.served import served

ROOT = Path(__file__).parents[2]


def lines_of(heading: str) -> str:
    """Return the commands below a heading of the README."""
    section = (ROOT / "README.md").read_text(encoding="utf-8").partition(f"## {heading}\n")[2]
    found = re.search(r"```sh\n(.*?)```", section, re.DOTALL)
    assert found is not None
    return found.group(1)


def test_a_provider_s_first_hour_works_when_it_is_pasted(fresh_database: DatabaseUrls, tmp_path: Path) -> None:
    load_demonstration_data(Settings(environment="development", database_url=SecretStr(fresh_database.application)))
    with served(fresh_database.application, tmp_path / "service.log") as service:
        environment = dict(os.environ) | {
            "A": service.settings.address,
            "BROKER": f"{sys.executable} -m service.cli",
            "KEY": str(tmp_path / "provider-key.json"),
            "DATABASE_URL": fresh_database.application,
            "PORT": str(service.settings.port),
        }
        ended = subprocess.run(
            ["sh", "-eu", "-c", lines_of("A provider's first hour")],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            env=environment,
            cwd=ROOT,
        )

    assert ended.returncode == 0, ended.stderr
    assert '"acknowledged_by":"v.demo"' in ended.stdout
