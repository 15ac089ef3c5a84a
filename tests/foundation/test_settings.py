"""An unset environment is production, and production starts only when it has been told what it needs."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from service.refusals import StartUpRefused
from service.settings import Settings, load_settings, owner_database_url

SECRET = "postgresql://broker_app:hunter2@db/broker"


@pytest.fixture(autouse=True)
def an_empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what the tests' own run was started with."""
    for name, field in Settings.model_fields.items():
        monkeypatch.delenv(f"BROKER_{name.upper()}", raising=False)
        if isinstance(field.validation_alias, str):
            monkeypatch.delenv(field.validation_alias, raising=False)


def test_an_unset_environment_is_production_and_names_everything_it_lacks() -> None:
    with pytest.raises(StartUpRefused, match=r"^Settings: production needs DATABASE_URL and BROKER_ISSUER$"):
        load_settings()


@pytest.mark.parametrize(("given", "missing"), [("DATABASE_URL", "BROKER_ISSUER"), ("BROKER_ISSUER", "DATABASE_URL")])
def test_production_lacking_one_names_that_one(given: str, missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(given, SECRET if given == "DATABASE_URL" else "https://issuer.example")

    with pytest.raises(StartUpRefused, match=f"needs {missing}$"):
        load_settings()


def test_production_starts_with_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", SECRET)
    monkeypatch.setenv("BROKER_ISSUER", "https://issuer.example/")

    settings = load_settings()

    assert (settings.environment, settings.issuer) == ("production", "https://issuer.example")


def test_development_needs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROKER_ENVIRONMENT", "development")

    assert load_settings().address == "http://127.0.0.1:8000"


def test_port_and_data_dir_carry_no_prefix(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in {"BROKER_ENVIRONMENT": "development", "PORT": "9000", "DATA_DIR": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)

    settings = load_settings()

    assert (settings.port, settings.data_dir) == (9000, tmp_path)


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "0"), ("DATABASE_URL", "mysql://root:hunter2@db"), ("BROKER_ENVIRONMENT", "hunter2")],
)
def test_a_wrong_setting_is_named_and_its_value_is_not(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROKER_ENVIRONMENT", "development")
    monkeypatch.setenv(name, value)

    with pytest.raises(StartUpRefused, match=name) as refusal:
        load_settings()
    assert "hunter2" not in str(refusal.value)


def test_passwords_in_settings_are_not_shown_and_settings_do_not_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROKER_ENVIRONMENT", "development")
    monkeypatch.setenv("DATABASE_URL", SECRET)
    settings = load_settings()

    assert "hunter2" not in repr(settings)
    assert settings.database_url is not None
    assert settings.database_url.get_secret_value().startswith("postgresql+psycopg://")
    with pytest.raises(ValidationError):
        settings.port = 1


def test_every_setting_is_described() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_migrations_without_the_owners_login_say_which_setting_is_missing() -> None:
    with pytest.raises(StartUpRefused, match="BROKER_OWNER_DATABASE_URL"):
        owner_database_url()
