"""Whom an article is for: all families of the town, or those with a child enrolled somewhere in particular."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a child is enrolled."""

    municipality_id: str
    programme_id: str
    site_id: str
    group: str


@dataclass(frozen=True, kw_only=True)
class Enrolment:
    """As reservations told it. `child_ids`: in the households that joined; `ends`: the last day."""

    id: str
    child_ids: tuple[str, ...]
    place: Place
    ends: date


@dataclass(frozen=True, kw_only=True)
class Audience:
    """What one enrolment must be of; nothing named in any of them: every family of the town.

    `programme_ids=(cantine,), groups=("CP", "CE1")`: children of these groups who eat at school.
    """

    programme_ids: tuple[str, ...] = ()
    site_ids: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    @property
    def is_everybody(self) -> bool:
        return not (self.programme_ids or self.site_ids or self.groups)

    def concerns(self, places: Collection[Place]) -> bool:
        """Somebody enrolled in these places is meant."""
        return self.is_everybody or any(self._means(place) for place in places)

    def _means(self, place: Place) -> bool:
        return all(
            not named or value in named
            for named, value in (
                (self.programme_ids, place.programme_id),
                (self.site_ids, place.site_id),
                (self.groups, place.group),
            )
        )


EVERYBODY = Audience()


@dataclass(frozen=True, kw_only=True)
class Reader:
    """`agent_of`: towns all of whose published news they read; `family_of`: towns whose families they are one of;
    `places`: where children of theirs are enrolled.
    """

    agent_of: frozenset[str] = frozenset()
    family_of: frozenset[str] = frozenset()
    places: Collection[Place] = ()

    @property
    def towns(self) -> frozenset[str]:
        return self.agent_of | self.family_of

    def only_in(self, municipality_id: str) -> "Reader":
        one = frozenset({municipality_id})
        return Reader(agent_of=self.agent_of & one, family_of=self.family_of & one, places=self.places)
