"""What is wrong in a catalogue as a town wrote it: doubles, names of nothing, activities nobody could ever book."""

from collections import Counter
from collections.abc import Iterator, Mapping

from services.reservations.domain.catalogue import CatalogueFault
from services.reservations.domain.catalogue_entries import CounterEntry, ProgrammeEntry, WrittenCatalogue
from services.reservations.domain.diets import refused_names
from services.reservations.domain.regulation import Regulation
from shared.errors import N_


def faults_of(file: WrittenCatalogue) -> Iterator[CatalogueFault]:
    yield from _repeated(file)
    yield from _dangling(file)
    for code, sentence in refused_names({diet.id: diet.name for diet in file.diets}):
        yield CatalogueFault(path="diets", sentence=sentence, facts={"value": code})
    for programme in file.programmes:
        at = f"programmes.{programme.id}.regulation"
        known = {one.id for one in programme.activities}
        yield from unknown_activities(programme.regulation, known, at)
        if freeze := programme.headcount_freeze:
            yield from _no_activities(
                freeze.activities - known, f"programmes.{programme.id}.headcount_freeze.activities"
            )
        yield from _impossible(programme)


def _repeated(file: WrittenCatalogue) -> Iterator[CatalogueFault]:
    """Activities have one name space per town: tariffs name them without their programme."""
    activities = [activity.id for programme in file.programmes for activity in programme.activities]
    for field, codes in (
        ("sites", [site.id for site in file.sites]),
        ("programmes", [programme.id for programme in file.programmes]),
        ("diets", [diet.id for diet in file.diets]),
        ("programmes.activities", activities),
        # A counter is named like an activity, whose own number of places is one.
        ("programmes.counters", [*activities, *(one.id for one in file.counters())]),
    ):
        for code in (code for code, count in Counter(codes).items() if count > 1):
            yield CatalogueFault(path=field, sentence=N_("“%(value)s” is there twice."), facts={"value": code})


def _dangling(file: WrittenCatalogue) -> Iterator[CatalogueFault]:
    """References to what is not there. Excludes and requires stay within a programme, decided on one month sheet."""
    sites = {site.id for site in file.sites}
    for programme in file.programmes:
        at = f"programmes.{programme.id}"
        for code in (code for code in programme.sites if code not in sites):
            yield CatalogueFault(
                path=f"{at}.sites", sentence=N_("“%(value)s” is no site of this file."), facts={"value": code}
            )
        known = {activity.id for activity in programme.activities}
        for counter in programme.counters:
            for name, codes in (("activities", counter.activities - known), ("sites", _sites_of(counter) - sites)):
                for code in sorted(codes):
                    yield CatalogueFault(
                        path=f"{at}.counters.{counter.id}.{name}",
                        sentence=N_("“%(value)s” is not known here."),
                        facts={"value": code},
                    )
        for activity in programme.activities:
            for name, codes in (("excludes", activity.excludes), ("requires", activity.requires)):
                yield from _no_activities(codes - known, f"{at}.activities.{activity.id}.{name}")


def unknown_activities(regulation: Regulation, known: set[str], at: str) -> Iterator[CatalogueFault]:
    """Rules that speak of activities the programme does not have would never apply, and nobody would notice."""
    for name in ("booking", "cancelling", "weekly"):
        for rule in getattr(regulation, name):
            yield from _no_activities(rule.activities - known, f"{at}.{name}.{rule.id}.activities")
    for late in regulation.late:
        yield from _no_activities(late.until.activities - known, f"{at}.late.{late.id}.activities")
    if report := regulation.absences.report_until:
        yield from _no_activities(report.activities - known, f"{at}.absences.report_until.activities")


def _no_activities(codes: frozenset[str], path: str) -> Iterator[CatalogueFault]:
    for code in sorted(codes):
        yield CatalogueFault(
            path=path, sentence=N_("“%(value)s” is no activity of this programme."), facts={"value": code}
        )


def _sites_of(counter: CounterEntry) -> frozenset[str]:
    return frozenset(code for limit in counter.limits for code in limit.sites)


def _impossible(programme: ProgrammeEntry) -> Iterator[CatalogueFault]:
    """Activities that need themselves, or two that exclude each other: nobody could ever book them."""
    needs = {activity.id: activity.requires for activity in programme.activities}
    excluded = {activity.id: programme.excluded(activity) for activity in programme.activities}
    for activity in programme.activities:
        field = f"programmes.{programme.id}.activities.{activity.id}"
        together = _needed(activity.id, needs)
        if activity.id in together:
            message = N_("The activity requires itself, directly or through others.")
            yield CatalogueFault(path=f"{field}.requires", sentence=message)
        together.add(activity.id)
        if any(excluded.get(code, frozenset()) & together for code in together):
            message = N_("The activity requires or excludes in a way that makes it impossible to book.")
            yield CatalogueFault(path=f"{field}.excludes", sentence=message)


def _needed(code: str, needs: Mapping[str, frozenset[str]]) -> set[str]:
    """Everything `code` requires, through any number of steps."""
    found: set[str] = set()
    ahead = list(needs[code])
    while ahead:
        step = ahead.pop()
        if step not in found:
            found.add(step)
            ahead.extend(needs.get(step, ()))
    return found
