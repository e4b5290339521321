"""What every service tells about its agents: who read or changed what about whom."""

from typing import ClassVar

from pydantic import AwareDatetime

from shared.contracts import Event, Exchange


class AgentActed(Event):
    """An agent or a partner read or changed something about families of a town. Subject: the note itself."""

    topic: ClassVar[str] = "audit.agent_acted.v1"
    exchange: ClassVar[Exchange] = "profiles"

    service: str
    action: str
    """What was done, in the past: `family_files_listed`."""
    account_id: str
    municipality_id: str
    household_ids: tuple[str, ...] = ()
    family_file_ids: tuple[str, ...] = ()
    child_ids: tuple[str, ...] = ()
    object_ids: tuple[str, ...] = ()
    """Anything else it was about: a request, a programme, an agent's account."""
    at: AwareDatetime
    request_id: str = ""
