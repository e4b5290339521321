"""Second factors, codes, devices and sessions: the rules alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.identity.domain.accounts import Account
from services.identity.domain.devices import MOST_DEVICES, Devices, device_of
from services.identity.domain.factors import (
    App,
    AppThere,
    Factors,
    NoAppPending,
    NoSecondFactor,
    Passkey,
    SecondFactorKept,
    TooManyPasskeys,
    recovery_code,
    recovery_hash,
)
from services.identity.domain.notices import NEW_DEVICE, notice
from services.identity.domain.proofs import Proven, is_strong
from services.identity.domain.sessions import Session
from services.identity.domain.totp import matching_step, provisioning_uri, qr_svg

NOW = datetime(2060, 9, 1, 8, tzinfo=UTC)
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
NORA = Account(id="acc_1", email="nora@m.example", first_name="Nora", last_name="Belkacem")
NONE = Factors(account_id="acc_1")
APP = App(secret=b"sealed", added_at=NOW)


def passkey(number: int = 0) -> Passkey:
    return Passkey(id=f"key{number}", name="x", public_key=b"", sign_count=0, added_at=NOW)


# RFC 6238 appendix B, the last six of its eight digits.
@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037"), (20000000000, "353130")],
)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    assert matching_step(RFC_SECRET, code, datetime.fromtimestamp(seconds, UTC)) == seconds // 30


@pytest.mark.parametrize(("late", "right"), [(-30, True), (0, True), (30, True), (-60, False), (60, False)])
def test_a_code_is_right_half_a_minute_early_or_late_and_no_more(late: int, right: bool) -> None:
    at = datetime.fromtimestamp(1111111109 + late, UTC)

    assert matching_step(RFC_SECRET, "081804", at) == (1111111109 // 30 if right else None)


@pytest.mark.parametrize("typed", ["", "28708", "2870820", "28708é", "٢٨٧٠٨٢", "287082\x00", "+287082"])
def test_what_is_no_code_is_not_right(typed: str) -> None:
    assert matching_step(RFC_SECRET, typed, datetime.fromtimestamp(59, UTC)) is None


def test_the_picture_has_nothing_a_policy_would_stop() -> None:
    svg = qr_svg(provisioning_uri(RFC_SECRET, "nora@m.example"))

    assert svg.startswith("<svg ")
    assert not [word for word in ("<?xml", "style=", "<style", "<script", "href") if word in svg]


def test_an_account_has_the_methods_of_its_factors_the_likeliest_first() -> None:
    both = replace(NONE, app=APP, passkeys=(passkey(),), recovery_codes=frozenset({"x"}))

    assert NONE.methods == replace(NONE, recovery_codes=frozenset({"x"})).methods == ()
    assert both.methods == ("otp", "passkey", "recovery_code")
    assert replace(NONE, pending=APP).methods == ()


def test_a_pending_app_counts_for_half_an_hour_in_its_own_session() -> None:
    adding = NONE.adding_app(b"sealed", "ses_1", NOW)

    assert not adding.enrolled
    assert adding.pending_app("ses_1", NOW + timedelta(minutes=30)).secret == b"sealed"
    for session_id, later in (("ses_2", 0), ("ses_1", 31)):
        with pytest.raises(NoAppPending):
            adding.pending_app(session_id, NOW + timedelta(minutes=later))
    with pytest.raises(NoAppPending):
        NONE.pending_app("", NOW)


def test_a_confirmed_app_takes_the_place_of_the_pending_one_and_its_first_code_has_served() -> None:
    adding = NONE.adding_app(b"sealed", "ses_1", NOW)
    done = adding.with_app(adding.pending_app("ses_1", NOW), 42, NOW)

    assert (done.pending, done.app) == (None, App(secret=b"sealed", added_at=NOW, last_step=42))
    with pytest.raises(AppThere):
        done.adding_app(b"other", "ses_1", NOW)


def test_an_agent_s_last_factor_stays_and_takes_no_recovery_codes_with_it() -> None:
    armed = replace(NONE, app=APP, recovery_codes=frozenset({"x"}))

    with pytest.raises(SecondFactorKept):
        armed.without_app(needed=True)
    assert armed.without_app(needed=False).recovery_codes == frozenset()
    kept = replace(armed, passkeys=(passkey(),)).without_app(needed=True)
    assert (kept.methods, kept.recovery_codes) == (("passkey", "recovery_code"), frozenset({"x"}))
    with pytest.raises(SecondFactorKept):
        kept.without_passkey("key0", needed=True)


def test_an_account_has_ten_passkeys_at_most() -> None:
    full = replace(NONE, passkeys=tuple(passkey(n) for n in range(10)))

    with pytest.raises(TooManyPasskeys):
        full.with_passkey(passkey(10))


@pytest.mark.parametrize("typed", ["abcd-efgh-ijkl-mnop", "ABCD EFGH IJKL MNOP", " abcdefghijklmnop\n"])
def test_a_recovery_code_is_the_same_however_it_is_typed(typed: str) -> None:
    armed = replace(NONE, app=APP).with_recovery_codes([recovery_code("abcdefghijklmnop"), "other"])
    left = armed.without_recovery_code(typed)

    assert left is not None
    assert left.recovery_codes == frozenset({recovery_hash("other")})
    assert left.without_recovery_code(typed) is None


def test_recovery_codes_need_a_factor_to_stand_in_for() -> None:
    with pytest.raises(NoSecondFactor):
        NONE.with_recovery_codes(["a"])


@pytest.mark.parametrize(
    ("methods", "strong"),
    [
        ({"password"}, False),
        ({"franceconnect"}, False),
        (set(), False),
        ({"password", "otp"}, True),
        ({"passkey"}, True),
        ({"franceconnect", "recovery_code"}, True),
    ],
)
def test_a_session_is_strong_with_something_its_owner_has(methods: set[str], strong: bool) -> None:
    assert is_strong(methods) is Proven(account=NORA, methods=frozenset(methods), at=NOW).strong is strong


def test_what_is_proved_later_is_added_to_what_was() -> None:
    session = Session(
        id="ses_1",
        account_id="acc_1",
        secret_hash="",
        opened_at=NOW,
        expires_at=NOW,
        methods=("password",),
        authenticated_at=NOW,
        seen_at=NOW,
    )
    later = session.proved({"otp"}, NOW + timedelta(hours=1))

    assert (later.methods, later.strong, session.strong) == (("otp", "password"), True, False)
    assert later.authenticated_at == NOW + timedelta(hours=1)


WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120 Safari/537.36"


@pytest.mark.parametrize(
    ("header", "device"),
    [
        (WINDOWS, "Chrome (Windows)"),
        (f"{WINDOWS} Edg/120.0", "Edge (Windows)"),
        (f"{WINDOWS} OPR/106", "Opera (Windows)"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0", "Firefox (Linux)"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1", "Safari (iPhone)"),
        ("Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) CriOS/120 Safari/604.1", "Chrome (iPad)"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/17 Safari/605.1.15", "Safari (Mac)"),
        ("Mozilla/5.0 (Linux; Android 14) SamsungBrowser/23.0 Chrome/115 Mobile", "Samsung Internet (Android)"),
        ("Mozilla/5.0 (X11; CrOS x86_64) Chrome/120", "Chrome (ChromeOS)"),
        ("Python/3.11 aiohttp/3.9", ""),
        ("<script>alert(1)</script>", ""),
        ("", ""),
        ("x" * 100_000 + "Firefox", ""),
    ],
)
def test_a_device_is_called_what_its_owner_calls_it(header: str, device: str) -> None:
    assert device_of(header) == device


def test_the_first_device_is_no_news_and_the_next_is() -> None:
    first = Devices(account_id="acc_1")
    used = first.used("Firefox (Linux)", NOW)

    assert not first.is_new("Firefox (Linux)", NOW)
    assert not used.is_new("Firefox (Linux)", NOW)
    assert used.is_new("Safari (iPhone)", NOW)
    assert used.is_new("", NOW)
    assert used.is_new("Firefox (Linux)", NOW + timedelta(days=181))


def test_a_device_is_written_down_once_a_day() -> None:
    used = Devices(account_id="acc_1").used("a", NOW)

    assert not used.is_worth_noting("a", NOW + timedelta(hours=23))
    assert used.is_worth_noting("a", NOW + timedelta(hours=25))
    assert used.is_worth_noting("b", NOW)


def test_the_longest_unused_devices_are_forgotten() -> None:
    many = Devices(account_id="acc_1")
    for number in range(MOST_DEVICES + 5):
        many = many.used(f"device {number}", NOW + timedelta(minutes=number))

    assert len(many.seen) == MOST_DEVICES
    assert "device 4" not in many.seen
    assert "device 5" in many.seen


def test_a_notice_goes_to_every_verified_address_of_the_account() -> None:
    both = replace(NORA, secondary_email="nora@home.example", language="en")

    assert notice(both, NEW_DEVICE, NOW, device="Safari (iPhone)").emails == ("nora@m.example", "nora@home.example")
    assert notice(both, NEW_DEVICE, NOW).language == "en"
    assert notice(NORA, NEW_DEVICE, NOW, emails=("old@m.example",)).emails == ("old@m.example",)
