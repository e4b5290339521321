"""One day explained: the sentence, the rule and the next step, in both languages."""

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import services.reservations
from services.reservations.domain.audience import Audience
from services.reservations.domain.explanation import Explained, Question
from services.reservations.domain.sheet import Entry, Sheet, SheetKey
from services.reservations.domain.town import Town
from services.reservations.domain.verdict import Action
from shared.i18n import Catalogues
from tests.reservations.sample_town import EVENING_BEFORE, TOWN, child, paris, regulation, town

SAYS = Catalogues(Path(services.reservations.__file__).parent)
NOW = paris(2026, 3, 9, 8)
MONDAY, TUESDAY, THURSDAY, FRIDAY = date(2026, 3, 9), date(2026, 3, 10), date(2026, 3, 12), date(2026, 3, 13)
LATE = {
    "id": "hors-delai",
    "action": "book",
    "until": {"shape": "calendar_days_before", "days": 0, "time": "08:30"},
    "effect": "surcharge",
    "surcharge": {"percent": 50},
}


def explain(
    action: Action,
    day: date,
    code: str = "repas",
    *,
    state: Any = "",
    full: bool = False,
    now: datetime = NOW,
    at: Town | None = None,
) -> Explained:
    place = at or town()
    activity = place.activity(f"{TOWN}.{code}")
    programme = place.programme_of(activity.id)
    key = SheetKey(
        household_id="hsh_1", municipality_id=TOWN, child_id="chd_1", programme_id=programme.id, month="2026-03"
    )
    days = {(activity.id, day): Entry(state=state)} if state else {}
    return Question(
        child=child(),
        town=place,
        programme=programme,
        activity=activity,
        day=day,
        sheet=Sheet(key=key, days=days),
        full=full,
        now=now,
    ).explain(action)


def with_rules(**rest: Any) -> Town:
    """The canteen with other rules."""
    known = town()
    programme = replace(known.programmes[f"{TOWN}.restaurant"], regulation=regulation(**rest))
    return replace(known, programmes={**known.programmes, programme.id: programme})


def test_a_day_that_can_be_booked_says_until_when_and_by_which_rule() -> None:
    found = explain("book", FRIDAY)

    assert SAYS.say("en", found.said) == (
        "“REPAS” on Friday 13 March 2026 can be booked until Wednesday 11 March 2026 at 10:00."
    )
    assert SAYS.say("fr", found.said) == (
        "« REPAS » pour le vendredi 13 mars 2026 peut être réservé jusqu’au mercredi 11 mars 2026 à 10:00."
    )
    assert SAYS.say("fr", found.rule) == "Réservation : jusqu’à 2 jours ouvrés avant à 10:00."
    assert found.next.kind == "do_it"
    assert found.answer.limit == paris(2026, 3, 11, 10)


def test_a_passed_deadline_names_the_next_day_to_book() -> None:
    found = explain("book", TUESDAY)

    assert found.refusal is not None
    assert (found.next.kind, found.next.day) == ("another_day", THURSDAY)
    assert SAYS.say("fr", found.next.said) == "Le prochain jour à réserver est le jeudi 12 mars 2026."
    assert SAYS.say("en", found.rule) == "Booking: until 2 working days before at 10:00."


def test_a_day_that_is_not_open_yet_says_when_to_come_back() -> None:
    found = explain("book", date(2026, 2, 18), "stage", now=paris(2026, 1, 5))

    assert found.next.kind == "come_back"
    assert found.next.at == paris(2026, 1, 10, 7)


def test_when_nothing_is_open_the_first_opening_is_the_next_step() -> None:
    found = explain("book", date(2026, 1, 13), "stage", now=paris(2026, 1, 5))

    assert (found.next.kind, found.next.at) == ("come_back", paris(2026, 1, 10, 7))


def test_a_full_day_leads_to_its_waiting_list_or_to_another_day() -> None:
    found = explain("book", date(2026, 3, 11), "journee", full=True)
    without = explain("book", FRIDAY, full=True, at=with_rules())

    assert (found.next.kind, found.next.href) == ("waiting_list", "/api/v1/waiting-list-entries")
    assert (without.next.kind, without.next.day) == ("another_day", date(2026, 3, 16))


def test_a_booked_day_is_cancelled_and_not_booked_again() -> None:
    assert explain("book", FRIDAY, state="booked").next.kind == "as_said"
    cancel = explain("cancel", FRIDAY, state="booked")
    assert cancel.refusal is None
    assert SAYS.say("fr", cancel.said) == (
        "« REPAS » pour le vendredi 13 mars 2026 peut être annulé jusqu’au mercredi 11 mars 2026 à 10:00."
    )


def test_after_the_deadline_the_price_of_it_is_said() -> None:
    found = explain("book", TUESDAY, at=with_rules(late=[LATE]))

    assert found.refusal is None
    assert SAYS.say("fr", found.said) == (
        "Le délai est passé ; « REPAS » pour le mardi 10 mars 2026 peut encore être réservé jusqu’au "
        "mardi 10 mars 2026 à 08:30, avec une majoration de 50 %."
    )
    assert SAYS.say("en", found.rule) == ("Booking after the deadline: until the day itself at 08:30, 50 % dearer.")


def test_a_cancellation_an_agent_decides_on_says_so() -> None:
    found = explain("cancel", FRIDAY, state="booked", at=with_rules(cancelling_by="agent"))

    assert SAYS.say("en", found.said).endswith("; the town hall decides on it.")


def test_an_activity_for_others_says_for_whom_it_is() -> None:
    known = town()
    care = known.programmes[f"{TOWN}.garderie"]
    small = Audience.model_validate({"residents": True, "ages": {"from": 3, "to": 5}})
    activities = tuple(replace(one, audience=small) for one in care.activities)
    place = replace(known, programmes={**known.programmes, care.id: replace(care, activities=activities)})

    found = explain("book", FRIDAY, "avant-repas", at=place)
    assert found.refusal is not None
    assert SAYS.say("fr", found.said) == (
        "« AVANT REPAS » est réservé aux enfants habitant la commune, de 3 à 5 ans ; "
        "le vendredi 13 mars 2026, l’enfant n’en fait pas partie."
    )
    assert explain("cancel", FRIDAY, "avant-repas", state="booked", at=place).refusal is None


def test_hours_before_count_from_the_beginning_of_the_activity() -> None:
    known = with_rules(cancelling=[EVENING_BEFORE])
    meals = known.programmes[f"{TOWN}.restaurant"]
    hours = regulation({"id": "h-48", "shape": "hours_before", "hours": 48})
    activities = tuple(replace(one, starts=datetime(2026, 1, 1, 11, 45).time()) for one in meals.activities)  # noqa: DTZ001  # a time of day
    place = replace(
        known, programmes={**known.programmes, meals.id: replace(meals, activities=activities, regulation=hours)}
    )

    assert explain("book", FRIDAY, at=place).answer.limit == paris(2026, 3, 11, 11, 45)
