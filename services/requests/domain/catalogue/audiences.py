"""Who may make a request: every family of the town, its residents, or those with a child enrolled somewhere."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from services.requests.domain.problems import Problem
from shared.errors import N_, Refused

Circle: TypeAlias = Literal["all", "residents", "enrolled"]


class NotForThisHousehold(Refused):
    code = "not-for-this-household"
    status = 403
    title = N_("Not open to your household")
    sentence = N_("The town hall offers this request to other families: %(whom)s.")
    remedy = N_("Write to the town hall if you think your file is wrong.")


WHOM: Mapping[Circle, str] = {
    "all": N_("all families"),
    "residents": N_("those who live in the town"),
    "enrolled": N_("those with a child enrolled in the service it is about"),
}


@dataclass(frozen=True, kw_only=True)
class Audience:
    """`programmes`: of `enrolled`, ids; none means any programme of the town."""

    who: Circle = "all"
    programmes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What is known of a household in a town: whether it lives there, and where its children are, or will be,
    enrolled (child id → programme ids)."""

    resident: bool = False
    enrolled: Mapping[str, frozenset[str]]


EVERYONE = Audience()


def admits(audience: Audience, standing: Standing, child_id: str | None) -> bool:
    """Whether the household may file; of `enrolled`, with that child when the request is about one."""
    if audience.who == "residents":
        return standing.resident
    if audience.who == "all":
        return True
    children = [child_id] if child_id else list(standing.enrolled)
    programmes = {one for child in children for one in standing.enrolled.get(child, ())}
    return bool(programmes & set(audience.programmes) if audience.programmes else programmes)


def audience_of(given: Mapping[str, Any] | None) -> Audience:
    return Audience(who=given["who"], programmes=tuple(given.get("programmes", ()))) if given else EVERYONE


def audience_problems(audience: Audience, municipality_id: str) -> Iterator[Problem]:
    if audience.programmes and audience.who != "enrolled":
        yield "programmes", N_("Programmes are named for those enrolled in them only."), {}
    for place, programme in enumerate(audience.programmes):
        if municipality_id and not programme.startswith(f"{municipality_id}."):
            yield f"programmes.{place}", N_("“%(name)s” is no programme of this town."), {"name": programme}
