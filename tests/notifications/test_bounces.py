"""Mails that come back: what a report says, whom it is believed of, and what becomes of the address."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.domain.bounces import (
    MOST_FAILURES,
    WITHIN,
    Failure,
    TroubledAddress,
    Whose,
    verdict_of,
    whose_mail,
)
from services.notifications.domain.delivery_reports import LARGEST, Report, ReportUnreadable, read_returned
from services.notifications.domain.return_paths import NO_RETURNS, ReturnPaths
from services.notifications.domain.signing import KeyTooShort, address_key, sign
from shared.contracts.notifications_mail import AddressUnreachable
from tests.notifications.samples_of_bounces import KEY, PATHS, report

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
MAIL = "msg_0192f0c0000070008000000000000001.mail.grd_1"
WHOSE = Whose(household_id="hsh_1", guardian_id="grd_1", municipality_id="a", municipality_ids=("a",))
FINE = TroubledAddress(key="k", whose=WHOSE)


# --- return paths --------------------------------------------------------------------------------------------------


def test_a_return_path_leads_back_to_its_mail_whatever_happened_to_its_case() -> None:
    path = PATHS.of(MAIL)

    assert PATHS.reference_in(f"<{path.upper()}>") == PATHS.reference(MAIL)


@given(st.text(min_size=1, max_size=200))
def test_a_return_path_is_a_short_address_that_says_nothing_of_the_mail(mail_id: str) -> None:
    local, _, domain = PATHS.of(mail_id).rpartition("@")

    assert re.fullmatch(r"retours\+[a-z2-7]{16}\.[a-z2-7]{16}", local)
    assert len(local) <= 64
    assert domain == "preau.example"


def test_a_path_nobody_was_given_leads_nowhere() -> None:
    path = PATHS.of(MAIL)
    reference, proof = path.partition("@")[0].partition("+")[2].split(".")

    for changed in (f"{reference[::-1]}.{proof}", f"{reference}.{proof[::-1]}", f"{proof}.{reference}", reference):
        assert PATHS.reference_in(f"retours+{changed}@preau.example") == ""


def test_another_installations_path_leads_nowhere() -> None:
    assert PATHS.reference_in(ReturnPaths(address=PATHS.address, key="x" * 32).of(MAIL)) == ""


def test_a_proof_for_one_purpose_proves_no_other() -> None:
    assert sign(KEY, "bounce", "text") != sign(KEY, "unsubscribe", "text")


def test_without_a_key_or_an_address_there_are_no_return_paths() -> None:
    for none in (NO_RETURNS, ReturnPaths(address="retours@preau.example"), ReturnPaths(key=KEY)):
        assert (none.of(MAIL), none.reference_in(PATHS.of(MAIL)), none.address_key("a@b.example")) == ("", "", "")


def test_a_key_that_could_be_guessed_is_refused() -> None:
    with pytest.raises(KeyTooShort):
        ReturnPaths(address="retours@preau.example", key="secret").of(MAIL)


def test_an_address_is_known_again_however_it_is_written_and_only_with_the_key() -> None:
    assert address_key(KEY, " Anna@Example.ORG ") == address_key(KEY, "anna@example.org")
    assert address_key("x" * 32, "anna@example.org") != address_key(KEY, "anna@example.org")


# --- reading reports -----------------------------------------------------------------------------------------------


def test_a_report_of_a_mail_server_is_read() -> None:
    returned = read_returned(report(MAIL, status="5.1.1"))

    assert returned.reports == (Report(action="failed", status="5.1.1"),)
    assert PATHS.reference_in(returned.addressed) == PATHS.reference(MAIL)


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable"])
def test_an_encoded_report_is_read(encoding: str) -> None:
    assert read_returned(report(MAIL, encoding=encoding)).reports == (Report(action="failed", status="5.1.1"),)


def test_a_report_with_bare_line_feeds_is_read() -> None:
    assert read_returned(report(MAIL).replace(b"\r\n", b"\n")).reports[0].status == "5.1.1"


def test_a_holiday_notice_is_no_report() -> None:
    notice = f"To: {PATHS.of(MAIL)}\r\nSubject: Absente\r\n\r\nStatus: 5.1.1\r\nAction: failed\r\n"

    assert read_returned(notice.encode()).reports == ()


@pytest.mark.parametrize(
    "raw", [b"", b"\r\n\r\n", b"no headers here", b"\xff\xfe\x00" * 100, b"Subject: x\r\n\r\nbody"]
)
def test_what_is_no_mail_is_refused(raw: bytes) -> None:
    with pytest.raises(ReportUnreadable):
        read_returned(raw)


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(raw: bytes) -> None:
    for whole in (raw, b"To: a@b.example\r\n" + raw, report(MAIL)[:700] + raw):
        try:
            read = read_returned(whole)
        except ReportUnreadable:
            continue
        assert read.addressed


@pytest.mark.parametrize(
    "body",
    [
        b"--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" * 6_000,
        b"--b\r\n" * 60_000,
        b"\r\n\r\n" * 100_000,
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\n" + b"x: y\r\n\r\n" * 40_000,
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\n" + b" " * 300_000,
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\n" + b"A" * 300_000,
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\n" + b"a: b\r\n c\r\n" * 30_000,
    ],
    ids=["nested", "boundaries", "blank", "blocks", "spaces", "one-line", "folded"],
)
def test_a_bomb_costs_no_more_than_its_size(body: bytes) -> None:
    head = f"To: {PATHS.of(MAIL)}\r\nContent-Type: multipart/report; boundary=b\r\n\r\n".encode()

    # A reader that went over its parts again and again would take minutes.
    assert read_returned(head + body).reports == ()


def test_what_follows_the_report_is_not_read() -> None:
    raw = report(MAIL) + b"x" * (2 * LARGEST)

    assert read_returned(raw).reports[0].status == "5.1.1"


def test_the_first_report_that_can_be_read_counts() -> None:
    raw = report(MAIL, more="\r\nFinal-Recipient: rfc822; x@y.example\r\nAction: exploded\r\nStatus: 5.1.1\r\n")

    assert len(read_returned(raw).reports) == 1


# --- what it means -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "status", "verdict"),
    [
        ("failed", "5.1.1", "dead"),
        ("failed", "5.1.10", "dead"),
        ("failed", "5.2.1", "dead"),
        ("failed", "5.4.4", "dead"),
        ("failed", "5.2.2", "failed"),
        ("failed", "4.4.7", "failed"),
        ("failed", "5.0.0", "failed"),
        ("failed", "", "failed"),
        ("failed", "5.7.1", "not_the_address"),
        ("failed", "5.3.4", "not_the_address"),
        ("delayed", "4.2.2", "later"),
        ("delivered", "2.0.0", "arrived"),
        ("relayed", "2.0.0", "arrived"),
        ("expanded", "2.0.0", "arrived"),
    ],
)
def test_only_what_is_the_addresss_fault_is_held_against_it(action: str, status: str, verdict: str) -> None:
    assert verdict_of(Report(action=action, status=status)) == verdict


def failure(number: int = 1, status: str = "5.2.2", at: datetime = AT) -> Failure:
    return Failure(mail_id=f"msg_{number}", at=at, status=status)


def test_a_dead_address_gets_no_more_mail_and_the_family_is_told() -> None:
    address, told = FINE.failed(failure(status="5.1.1"), "dead")

    assert (address.since, address.reason) == (AT, "unknown_address")
    assert told == (
        AddressUnreachable(
            household_id="hsh_1",
            municipality_id="a",
            guardian_id="grd_1",
            place=1,
            reason="unknown_address",
            at=AT,
        ),
    )


def test_a_full_mailbox_is_tried_again_until_it_kept_failing() -> None:
    address, told = FINE, ()
    for number in range(MOST_FAILURES):
        assert address.since is None
        address, told = address.failed(failure(number), "failed")

    assert address.reason == "kept_failing"
    assert len(told) == 1


def test_failures_of_long_ago_do_not_add_up() -> None:
    address = FINE
    for number in range(2 * MOST_FAILURES):
        address, _ = address.failed(failure(number, at=AT + number * WITHIN / 2), "failed")

    assert address.since is None


def test_the_same_mail_coming_back_twice_counts_once() -> None:
    address, _ = FINE.failed(failure(), "failed")

    assert address.failed(failure(at=AT + timedelta(hours=1)), "failed") == (address, ())


def test_a_family_is_told_once_however_many_mails_come_back() -> None:
    address, _ = FINE.failed(failure(1, "5.1.1"), "dead")
    again, told = address.failed(failure(2, "5.1.1"), "dead")

    assert told == ()
    assert again.since == AT


@pytest.mark.parametrize("verdict", ["later", "arrived", "not_the_address"])
def test_what_is_not_the_addresss_fault_changes_nothing(verdict: str) -> None:
    assert FINE.failed(failure(), verdict) == (FINE, ())  # type: ignore[arg-type]  # one of the words


def test_an_invitation_that_comes_back_tells_no_family() -> None:
    address, told = replace(FINE, whose=Whose(municipality_id="a")).failed(failure(status="5.1.1"), "dead")

    assert address.since == AT
    assert told == ()


@pytest.mark.parametrize(("recipient", "guardian", "place"), [("grd_1", "grd_1", 1), ("grd_1.2", "grd_1", 2)])
def test_the_recipient_says_whose_address_it_is(recipient: str, guardian: str, place: int) -> None:
    whose = whose_mail(recipient, "hsh_1", "a", ("a", "b"))

    assert (whose.guardian_id, whose.place, whose.municipality_ids) == (guardian, place, ("a", "b"))


def test_an_event_about_an_address_never_says_it() -> None:
    _, told = FINE.failed(failure(status="5.1.1"), "dead")

    assert "@" not in told[0].model_dump_json()


def test_an_address_an_invitation_came_back_from_is_the_familys_once_it_joined() -> None:
    invited, _ = replace(FINE, whose=Whose(municipality_id="a")).failed(failure(status="5.1.1"), "dead")
    theirs, told = invited.adopted(WHOSE, AT)

    assert (theirs.whose, len(told)) == (WHOSE, 1)
    assert theirs.adopted(replace(WHOSE, household_id="hsh_2"), AT) == (theirs, ())
    assert FINE.adopted(WHOSE, AT) == (FINE, ())
