"""Everything a place of work decides about its referral broker, read once from the environment and never changed."""

import hashlib
import os
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, PositiveFloat, PositiveInt, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from service.folders import closed_parent
from service.refusals import StartUpRefused

OWNER_DATABASE_URL = "BROKER_OWNER_DATABASE_URL"
DRIVER = "postgresql+psycopg://"


def with_driver(url: str) -> str:
    """Return a PostgreSQL URL in the one form SQLAlchemy takes to psycopg 3; ValueError when it is not PostgreSQL."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in {"postgres", "postgresql", "postgresql+psycopg"}:
        message = "must be a PostgreSQL address that starts with postgresql://"
        raise ValueError(message)
    return DRIVER + rest


def _secret_with_driver(url: SecretStr) -> SecretStr:
    return SecretStr(with_driver(url.get_secret_value()))


def _absolute(path: Path) -> Path:
    return path.expanduser().resolve()


def _without_last_slash(url: str) -> str:
    return url.rstrip("/")


DatabaseUrl = Annotated[SecretStr, AfterValidator(_secret_with_driver)]
WebAddress = Annotated[str, Field(pattern=r"^https?://[^\s]+$"), AfterValidator(_without_last_slash)]


def default_data_dir() -> Path:
    """Return `.data` in the checkout, or a folder of its own under /var/lib when root works in a private home.

    The database cannot run as root, and its own user could not reach a folder inside, say, /root.
    """
    checkout = Path(__file__).resolve().parents[1]
    if os.geteuid() == 0 and closed_parent(checkout / ".data"):
        return Path("/var/lib") / f"referral-broker-{hashlib.sha256(bytes(checkout)).hexdigest()[:8]}"
    return checkout / ".data"


class Settings(BaseSettings):
    """The settings of one running service; an unset environment means production."""

    model_config = SettingsConfigDict(
        env_prefix="BROKER_", frozen=True, extra="ignore", validate_by_name=True, hide_input_in_errors=True
    )

    environment: Literal["development", "production"] = Field(
        default="production", description="`development` allows the token command and the embedded issuer and database."
    )
    database_url: DatabaseUrl | None = Field(
        default=None,
        validation_alias="DATABASE_URL",
        description="The application's login: neither a superuser nor the owner of the tables.",
    )
    owner_database_url: DatabaseUrl | None = Field(
        default=None, description="The owner's login, which migrations use and the running service never sees."
    )
    data_dir: Annotated[Path, AfterValidator(_absolute)] = Field(
        default_factory=default_data_dir,
        validation_alias="DATA_DIR",
        description="Where the embedded database of a development machine lives.",
    )
    host: str = Field(default="127.0.0.1", description="The address to listen on.")
    port: int = Field(
        default=8000, ge=1, le=65535, validation_alias="PORT", description="The port to listen on, 1 to 65535."
    )
    public_url: WebAddress | None = Field(
        default=None, description="The address callers use; unset, it is http:// with host and port."
    )
    issuer: WebAddress | None = Field(
        default=None, description="Who issues tokens; unset, the service itself, which only development allows."
    )
    audience: str = Field(default="referral-broker", min_length=1, description="The audience a token must name.")
    external_jwks_url: WebAddress | None = Field(
        default=None, description="Where the external issuer publishes its keys; unset, its metadata says."
    )
    role_claim: str = Field(default="role", min_length=1, description="The claim in which the issuer names a role.")
    organisation_claim: str = Field(
        default="organisation", min_length=1, description="The claim in which the issuer names the organisation."
    )
    area_claim: str = Field(default="area", min_length=1, description="The claim in which the issuer names the area.")
    premises_claim: str = Field(
        default="premises", min_length=1, description="The claim in which the issuer names the approved premises."
    )
    scope_claim: str | None = Field(
        default=None, min_length=1, description="The claim in which the issuer narrows a token; unset, none does."
    )
    issuer_algorithms: tuple[Literal["ES256", "ES384", "ES512", "PS256", "RS256", "Ed25519"], ...] = Field(
        default=("ES256", "ES384", "ES512", "PS256", "RS256", "Ed25519"),
        min_length=1,
        description="The algorithms the external issuer may sign with, as a JSON list.",
    )
    embedded_issuer: bool | None = Field(
        default=None,
        description="Whether the service itself issues tokens to clients; unset, only where no other does.",
    )
    client_requests_per_minute: PositiveInt = Field(default=6000, description="Requests a client may make in a minute.")
    worker_requests_per_minute: PositiveInt = Field(default=1200, description="Requests a worker may make in a minute.")
    person_lookups_per_minute: PositiveInt = Field(
        default=600, description="Requests about a person that a worker may make in a minute."
    )
    stranger_requests_per_minute: PositiveInt = Field(
        default=60, description="Requests with no good token that one address may make in a minute, before 429 for 401."
    )
    sign_in_client_id: str | None = Field(
        default=None,
        min_length=1,
        description="How the issuer knows the pages, where people sign in with a browser; unset, nobody does.",
    )
    sign_in_client_secret: SecretStr | None = Field(
        default=None, description="The pages' secret at the issuer, where it asks for one besides PKCE."
    )
    sign_in_scope: str = Field(
        default="openid", min_length=1, description="What the pages ask the issuer for, so that the token is for us."
    )
    session_idle_minutes: PositiveInt = Field(
        default=30, le=480, description="Minutes without a page after which a browser is signed out."
    )
    session_hours: PositiveInt = Field(
        default=8, le=24, description="Hours after which a browser is signed out, whatever it did."
    )
    workers: PositiveInt = Field(default=1, description="Server processes that `make run` starts.")
    graceful_seconds: PositiveInt = Field(default=5, description="Seconds open requests get to end on shutdown.")
    database_pool_size: PositiveInt = Field(default=20, description="Database connections each process may hold.")
    database_pool_wait_seconds: PositiveFloat = Field(
        default=10.0, description="Seconds a request waits for a database connection before it is refused."
    )
    database_connect_seconds: PositiveInt = Field(default=5, description="Seconds to wait for a new connection.")
    database_statement_seconds: PositiveInt = Field(default=15, description="Seconds one SQL statement may take.")
    database_idle_transaction_seconds: PositiveInt = Field(
        default=30, description="Seconds a transaction may stand idle before the database ends it."
    )

    premises_may_send_cas3_in: frozenset[str] = Field(
        default=frozenset(),
        description="The regions, as a JSON list, whose premises may send CAS3 referrals themselves.",
    )
    draft_expires_after_days: PositiveInt = Field(
        default=180, le=36_500, description="Days without a change after which a draft expires."
    )
    cas3_nights: PositiveInt = Field(
        default=84, le=3_650, description="Nights the CAS3 rule allows; more are warned of and never refused."
    )
    cas3_warning_days: PositiveInt = Field(
        default=28, le=3_650, description="Days ahead of the end of a CAS3 stay, or of its nights, it is warned of."
    )
    eligibility_periods: dict[str, str] = Field(
        default={},
        description="Periods of the eligibility rules, the timeline, the move-on board and the checks that are others "
        "here, in years, months, weeks or days, by the name in `service/domain/eligibility/thresholds.py`: "
        '`{"move_on_plan_due": "3 weeks", "check_asked_within": "5 days", "check_answered_within": "10 days"}`.',
    )
    maximum_ages: dict[str, str] = Field(
        default={
            "oasys": "6 months",
            "duty_to_refer": "26 weeks",
            "check": "3 months",
            "contact": "3 months",
            "accommodation": "3 months",
        },
        description="How old an answer may be before it is asked again, by the catalogue's names for ages.",
    )

    @model_validator(mode="after")
    def _production_names_its_parts(self) -> Self:
        if self.environment == "production":
            needed = {"DATABASE_URL": self.database_url, "BROKER_ISSUER": self.issuer}
            missing = [name for name, value in needed.items() if value is None]
            if missing:
                message = f"production needs {' and '.join(missing)}"
                raise ValueError(message)
            if self.embedded_issuer and not (self.public_url or "").startswith("https://"):
                message = "production issues tokens only at an https address: set BROKER_PUBLIC_URL"
                raise ValueError(message)
        return self

    @property
    def is_development(self) -> bool:
        """Whether this is a development machine."""
        return self.environment == "development"

    @property
    def issues_tokens(self) -> bool:
        """Whether the service issues tokens itself."""
        return self.issuer is None if self.embedded_issuer is None else self.embedded_issuer

    @property
    def address(self) -> str:
        """The address callers use, without a slash at its end."""
        return self.public_url or f"http://{self.host}:{self.port}"


def load_settings() -> Settings:
    """Read the settings from the environment; StartUpRefused names each setting that is missing or wrong."""
    try:
        return Settings()
    except ValidationError as refusal:
        raise StartUpRefused(_in_plain_words(refusal)) from None


def owner_database_url() -> str:
    """Return the owner's login from the environment, for migrations; StartUpRefused names it when it is missing."""
    url = os.environ.get(OWNER_DATABASE_URL)
    if not url:
        raise StartUpRefused(f"Migrations need {OWNER_DATABASE_URL}, the login that owns the tables.")
    try:
        return with_driver(url)
    except ValueError as refusal:
        raise StartUpRefused(f"{OWNER_DATABASE_URL} {refusal}.") from None


def _in_plain_words(refusal: ValidationError) -> str:
    return "Settings: " + "; ".join(
        f"{_variable(str(error['loc'][0]))}: {error['msg']}" if error["loc"] else error["msg"].split(", ", 1)[-1]
        for error in refusal.errors(include_input=False, include_url=False)
    )


def _variable(name: str) -> str:
    return name if name.isupper() else f"BROKER_{name.upper()}"
