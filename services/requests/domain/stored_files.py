"""A file the service keeps: what is known of it beside its bytes, and what happens to it until they go.

Received it is in quarantine as long as an antivirus has not looked at it (where the installation has one), then clean
or infected. Its bytes go when it is infected, or when its category's documents were kept long enough; that they went,
when and why stays known as long as the request is.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from services.requests.domain.file_refusals import FileInfectedRemoved, FileInQuarantine, FilePurged
from services.requests.domain.files import Home, Kind

FileState = Literal["receiving", "quarantined", "clean", "infected", "purged"]
FILE_STATES: tuple[FileState, ...] = ("receiving", "quarantined", "clean", "infected", "purged")
HELD: frozenset[FileState] = frozenset({"quarantined", "clean"})
"""States in which the bytes are there."""
SLOT = "slot:"
MESSAGE = "message:"
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=10)
MOST_UNTAKEN = 10
"""Files of a request that no message names yet."""
MOST_FILES = 200
"""Of one request, all together."""


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    """`place`: `slot:<slot>`, `message:<message>`, or empty while no message names it yet.

    `key`: its own key, sealed under one of the installation; empty for a file kept in the clear before there were any.
    `store`: where its bytes are. `finding`: what the antivirus calls what it found, for agents only. `loose`: not known
    to be named by a filed request.
    """

    id: str
    home: Home
    place: str
    account_id: str
    kind: Kind
    bytes: int
    added_at: datetime
    state: FileState = "receiving"
    scanned: bool = False
    scans: int = 0
    scan_after: datetime | None = None
    finding: str = ""
    gone_at: datetime | None = None
    key: str = ""
    store: str = "gridfs"
    loose: bool = True

    @property
    def slot(self) -> str:
        """Empty for a file of a message."""
        return self.place.removeprefix(SLOT) if self.place.startswith(SLOT) else ""

    @property
    def is_taken(self) -> bool:
        return bool(self.place)

    def received(self, size: int, *, guarded: bool) -> "StoredFile":
        """Its bytes are all there. `guarded`: the installation has an antivirus."""
        return replace(self, bytes=size, state="quarantined" if guarded else "clean", scan_after=self.added_at)

    def found_clean(self) -> "StoredFile":
        return replace(self, state="clean", scanned=True, finding="", scan_after=None)

    def found_infected(self, finding: str, now: datetime) -> "StoredFile":
        return replace(self, state="infected", scanned=True, finding=finding[:200], gone_at=now, scan_after=now)

    def to_be_scanned_again(self, now: datetime) -> "StoredFile":
        """The antivirus did not answer: twice as long after each time, ten minutes at most."""
        wait = min(FIRST_WAIT * 2 ** min(self.scans, 10), LONGEST_WAIT)
        return replace(self, scans=self.scans + 1, scan_after=now + wait)

    def purged(self, now: datetime) -> "StoredFile":
        return replace(self, state="purged", gone_at=now, scan_after=None, key="")

    def check_readable(self) -> None:
        """Raises `FileInQuarantine`, `FileInfectedRemoved`, `FilePurged`."""
        if self.state in ("receiving", "quarantined"):
            raise FileInQuarantine()
        self.check_not_infected()
        if self.state == "purged":
            raise FilePurged()

    def check_not_infected(self) -> None:
        """Raises `FileInfectedRemoved`."""
        if self.state == "infected":
            raise FileInfectedRemoved()
