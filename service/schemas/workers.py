"""What an administrator sends about a worker, and what is kept."""

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from service.schemas.texts import PlaceName, ShortWords


class WorkerKept(BaseModel):
    """A worker: name, team and region. A worker who is not active sees nothing, whatever token they hold."""

    model_config = ConfigDict(extra="forbid")

    name: ShortWords
    team: PlaceName | None = Field(default=None, description="The team whose cases they see besides their own.")
    region: PlaceName | None = None
    active: StrictBool = True


class WorkerShown(BaseModel):
    """A worker as they now stand."""

    id: str
    name: str
    team: str | None
    region: str | None
    active: bool
    cases_moved: int = Field(description="Cases now with another team because the worker took them along.")
