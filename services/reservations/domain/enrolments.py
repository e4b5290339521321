"""A child's enrolments in a town: what may be enrolled, what a change leaves, what is told of it.

Programme and first day name an enrolment: of two for a day the later one counts, so a new class begins by starting.
One that ends keeps its days; only one that never began goes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from services.reservations.domain.bookable import Enrolment
from services.reservations.domain.catalogue import Catalogue
from services.reservations.domain.diets import OFFERED, is_diet
from shared.contracts import Event
from shared.contracts.school import ChildEnrolled, EnrolmentEnded
from shared.errors import N_, BadInput, NotFound, Refused
from shared.public_holidays import YEARS

LONGEST_REFERENCE = 80


@dataclass(frozen=True, kw_only=True)
class Enrolled:
    """A child's enrolments and the version they were read at, 0 before any; its ids in the households that joined.

    `decisions`: the sequence of the last decision taken over of each request, so that none is taken over twice.
    """

    version: int = 0
    enrolments: tuple[Enrolment, ...] = ()
    child_ids: frozenset[str] = frozenset()
    decisions: Mapping[str, int] = field(default_factory=dict)

    def covers(self, programme_id: str, day: date) -> bool:
        return any(one.programme_id == programme_id and one.starts <= day <= one.ends for one in self.enrolments)


class AlreadyEnrolled(Refused):
    code = "already-enrolled"
    title = N_("Already enrolled")
    sentence = N_("The child has another enrolment in %(programme)s that begins on %(date)s.")
    remedy = N_("Change that one, or let the new one begin on another day.")


class UnusableEnrolment(BadInput):
    code = "unusable-enrolment"
    title = N_("Unusable enrolment")
    sentence = N_("The child cannot be enrolled so.")
    remedy = N_("Correct what “errors” names and send it again.")


def checked(enrolment: Enrolment, catalogue: Catalogue) -> Enrolment:
    """Raises `UnusableEnrolment`."""
    if faults := list(_faults(enrolment, catalogue)):
        raise UnusableEnrolment([{"in": "body", "field": name, "message": said, "facts": {}} for name, said in faults])
    return enrolment


def _faults(enrolment: Enrolment, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    programme = catalogue.programmes.get(enrolment.programme_id)
    if programme is None:
        yield "programme_id", N_("This is no programme of the town.")
    elif enrolment.site_id not in programme.site_ids:
        yield "site_id", N_("This is no site of the programme.")
    if enrolment.ends < enrolment.starts:
        yield "until", N_("The period ends before it starts.")
    if enrolment.starts.year not in YEARS or enrolment.ends.year not in YEARS:
        yield "from", N_("The public holidays of that year are not known.")
    if not is_diet(enrolment.diet, catalogue.diets or OFFERED):
        yield "diet", N_("This is none of the town's diets.")


def name_of(enrolment: Enrolment) -> tuple[str, date]:
    return enrolment.programme_id, enrolment.starts


def find(known: Enrolled, enrolment_id: str) -> Enrolment:
    """Raises `NotFound`."""
    for enrolment in known.enrolments:
        if enrolment.id == enrolment_id:
            return enrolment
    raise NotFound()


def with_new(known: Enrolled, new: Enrolment) -> Enrolled:
    """The same as before when it is there already. Raises `AlreadyEnrolled`."""
    if new in known.enrolments:
        return known
    return _keeping(known, (*_apart_from(known, new), new))


def with_changed(known: Enrolled, enrolment_id: str, new: Enrolment) -> Enrolled:
    """Raises `NotFound`, `AlreadyEnrolled`."""
    before = find(known, enrolment_id)
    others = replace(known, enrolments=tuple(one for one in known.enrolments if one is not before))
    if before == new:
        return known
    return _keeping(known, (*_apart_from(others, new), replace(new, id=enrolment_id)))


def ended(known: Enrolled, enrolment_id: str, last_day: date) -> Enrolled:
    """One that ended by then stays as it is; one that would begin later goes. Raises `NotFound`."""
    before = find(known, enrolment_id)
    others = [one for one in known.enrolments if one is not before]
    if before.ends <= last_day:
        return known
    return _keeping(known, others if before.starts > last_day else [*others, replace(before, ends=last_day)])


def _apart_from(known: Enrolled, new: Enrolment) -> tuple[Enrolment, ...]:
    if any(name_of(one) == name_of(new) for one in known.enrolments):
        raise AlreadyEnrolled(programme=new.programme_id, date=new.starts)
    return known.enrolments


def _keeping(known: Enrolled, enrolments: Sequence[Enrolment]) -> Enrolled:
    return replace(known, enrolments=tuple(sorted(enrolments, key=name_of)))


def told(municipality_id: str, reference: str, before: Enrolled, after: Enrolled) -> Mapping[str, Event]:
    """What changed, by enrolment; every enrolment must have its id by now. Diets are nobody else's business."""
    who = {
        "municipality_id": municipality_id,
        "reference": reference,
        "child_ids": tuple(sorted(before.child_ids | after.child_ids)),
    }
    was = {one.id: one for one in before.enrolments}
    now = {one.id: one for one in after.enrolments}
    facts: dict[str, Event] = {}
    for name, one in was.items():
        kept = now.get(name)
        if kept is None or _is_cut_short(one, kept):
            facts[name] = _ending(who, one, kept)
    for name, one in now.items():
        if name not in facts and was.get(name) != one:
            facts[name] = _enrolling(who, one)
    return facts


def _is_cut_short(before: Enrolment, after: Enrolment) -> bool:
    return after.ends < before.ends and after == replace(before, ends=after.ends)


def _enrolling(who: Mapping[str, object], one: Enrolment) -> ChildEnrolled:
    said = {name: value for name, value in vars(one).items() if name not in ("id", "diet")}
    return ChildEnrolled.model_validate({**who, **said, "enrolment_id": one.id})


def _ending(who: Mapping[str, object], one: Enrolment, kept: Enrolment | None) -> EnrolmentEnded:
    where = {"enrolment_id": one.id, "programme_id": one.programme_id, "site_id": one.site_id}
    return EnrolmentEnded.model_validate({**who, **where, "last_day": kept.ends if kept else None})


def having_decided(known: Enrolled, request_id: str, sequence: int) -> Enrolled:
    """With that decision of a request taken over."""
    return replace(known, decisions={**known.decisions, request_id: sequence})
