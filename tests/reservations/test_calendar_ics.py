"""The ministry's iCalendar files, and files that are none."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from services.reservations.domain.calendar import Period, PeriodKind
from services.reservations.domain.calendar_ics import LeftOut, UnreadableCalendar, ZoneMissing, read_ics

PARIS, REUNION = ZoneInfo("Europe/Paris"), ZoneInfo("Indian/Reunion")


def event(summary: str, start: str, end: str = "", *more: str) -> str:
    lines = ["BEGIN:VEVENT", f"UID:{summary}{start}", f"SUMMARY:{summary}", f"DTSTART{start}"]
    return "\r\n".join([*lines, *([f"DTEND{end}"] if end else []), *more, "END:VEVENT"])


def whole(day: str) -> str:
    return f";VALUE=DATE:{day}"


AUTUMN = event("Vacances de la Toussaint - Zone A", whole("20261017"), whole("20261102"))
WINTER_B = event("Vacances d'Hiver - Zone B", whole("20270220"), whole("20270308"))


def read(*events: str, zone: str = "A", here: ZoneInfo = PARIS) -> tuple[tuple[Period, ...], list[LeftOut]]:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//ministère//", *events, "END:VCALENDAR", ""]
    return read_ics("\r\n".join(lines).encode(), zone, here)


def reasons(*events: str) -> list[str]:
    return [out.reason for out in read(*events)[1]]


def test_the_end_is_the_day_class_begins_again() -> None:
    assert read(AUTUMN) == (
        (
            Period(
                kind=PeriodKind.HOLIDAY,
                starts=date(2026, 10, 17),
                ends=date(2026, 11, 1),
                label="Vacances de la Toussaint",
            ),
        ),
        [],
    )


def test_another_zones_holidays_are_left_out() -> None:
    (period,), (out,) = read(AUTUMN, WINTER_B)

    assert period.label == "Vacances de la Toussaint"
    assert out == LeftOut(label="Vacances d'Hiver", reason="This is for another zone.")


def test_a_file_of_several_zones_wants_to_know_which() -> None:
    with pytest.raises(ZoneMissing) as refused:
        read(AUTUMN, WINTER_B, zone="")

    assert refused.value.facts == {"zones": "A, B"}


def test_a_file_of_one_zone_need_not_be_told_which() -> None:
    assert len(read(AUTUMN, zone="")[0]) == 1


def test_an_event_of_several_zones_is_for_each_of_them() -> None:
    together = event("Vacances de Noël - Zones A, B et C", whole("20261219"), whole("20270104"))

    assert [period.label for period in read(together, zone="B")[0]] == ["Vacances de Noël"]


def test_days_of_coming_back_are_no_holidays() -> None:
    assert (
        reasons(
            event("Prérentrée des enseignants", whole("20260831")),
            event("Rentrée scolaire des élèves", whole("20260901")),
        )
        == ["This is no period of holidays."] * 2
    )


def test_days_of_teachers_and_of_beginnings_alone_are_no_holidays() -> None:
    day = whole("20270703")

    assert reasons(
        event("Vacances d'Été - Enseignants - Zone A", day, whole("20270831")),
        event("Début des Vacances d'Été - Zone A", day, day),
    ) == ["This says only when holidays begin.", "This is no period of holidays."]


def test_a_bridge_begins_and_ends_on_its_day() -> None:
    ((bridge,), _) = read(event("Pont de l'Ascension", whole("20270507"), whole("20270507")))

    assert (bridge.starts, bridge.ends) == (date(2027, 5, 7), date(2027, 5, 7))


def test_holidays_cut_where_other_zones_come_in_are_one() -> None:
    """As the file of all zones has the winter of 2026-2027."""
    winter = "Vacances d'Hiver"
    cut = (
        event(f"{winter} - Zone C", whole("20270206"), whole("20270213"), "LOCATION:Zone C"),
        event(f"{winter} - Zones A/C", whole("20270213"), whole("20270220"), "LOCATION:Zones A/C"),
        event(f"{winter} - Zones A/B/C - Corse", whole("20270220"), whole("20270222"), "LOCATION:Zones A/B/C - Corse"),
        event(f"{winter} - Zones A/B - Corse", whole("20270222"), whole("20270301"), "LOCATION:Zones A/B - Corse"),
        event(f"{winter} - Zone B - Corse", whole("20270301"), whole("20270308"), "LOCATION:Zone B - Corse"),
    )

    def winter_of(zone: str) -> list[tuple[str, date, date]]:
        return [(period.label, period.starts, period.ends) for period in read(*cut, zone=zone)[0]]

    assert winter_of("A") == [(winter, date(2027, 2, 13), date(2027, 2, 28))]
    assert winter_of("zone B") == [(winter, date(2027, 2, 20), date(2027, 3, 7))]
    assert winter_of("c") == [(winter, date(2027, 2, 6), date(2027, 2, 21))]
    assert winter_of("Corse") == [(winter, date(2027, 2, 20), date(2027, 3, 7))]
    with pytest.raises(ZoneMissing):
        winter_of("guyane")


def test_the_file_of_one_territory_names_no_zone() -> None:
    carnival = event("Vacances de Carnaval", whole("20270213"), whole("20270222"), "LOCATION:Guadeloupe")

    assert [period.label for period in read(carnival, zone="guadeloupe")[0]] == ["Vacances de Carnaval"]


def test_events_that_repeat_or_last_for_years_are_left_out() -> None:
    assert reasons(
        event("Mercredi", whole("20260902"), whole("20260903"), "RRULE:FREQ=WEEKLY"),
        event("Vacances sans fin", whole("20260902"), whole("20290903")),
    ) == ["Events that repeat are not taken over.", "The period is longer than a year."]


def test_an_instant_falls_on_the_day_the_towns_clocks_show() -> None:
    christmas = event("Vacances de Noël", ":20261218T230000Z", ":20270103T230000Z")

    ((paris,), _), ((reunion,), _) = read(christmas), read(christmas, here=REUNION)
    assert (paris.starts, paris.ends) == (date(2026, 12, 19), date(2027, 1, 3))
    assert reunion.starts == date(2026, 12, 19)


def test_the_same_holidays_of_each_academy_are_taken_once() -> None:
    assert len(read(AUTUMN, AUTUMN.replace("UID:", "UID:2"))[0]) == 1


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"reference;programme\n",
        b"\xff\xfe\x00",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:hier\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\nEND:VEVENT\r\n" * 2001 + b"END:VCALENDAR\r\n",
    ],
)
def test_what_is_no_calendar_is_refused(raw: bytes) -> None:
    with pytest.raises(UnreadableCalendar):
        read_ics(raw, "A", PARIS)
