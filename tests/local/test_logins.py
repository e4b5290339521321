"""Demo log-ins: kept beside the data, printed in columns."""

import stat
from pathlib import Path

from deploy.local import logins
from deploy.local.logins import DemoLogin
from deploy.sample.authenticator import code_of, step_of

LOGINS = [
    DemoLogin("guardian", "a@example.org", "first", "sainte-aurore"),
    DemoLogin("manager,registrar", "mairie@example.org", "second", "le-val-dore", "JBSWY3DPEHPK3PXP"),
]


def test_what_the_loader_hands_over_is_kept_for_the_next_run(tmp_path: Path) -> None:
    assert logins.kept_in(tmp_path) is None
    assert logins.keep(tmp_path, LOGINS) == LOGINS
    assert logins.kept_in(tmp_path) == LOGINS


def test_only_the_owner_may_read_them(tmp_path: Path) -> None:
    logins.keep(tmp_path, LOGINS)
    assert stat.S_IMODE((tmp_path / logins.FILE).stat().st_mode) == 0o600


def test_they_print_in_columns() -> None:
    headings, guardian, manager = (line.rstrip() for line in logins.table(LOGINS))

    assert headings == "town           role               e-mail              password  authenticator secret  code now"
    assert guardian == "sainte-aurore  guardian           a@example.org       first"
    assert manager[:-6] == "le-val-dore    manager,registrar  mairie@example.org  second    JBSWY3DPEHPK3PXP      "


def test_an_agent_s_code_is_that_of_an_authenticator_app() -> None:
    assert [code_of("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", step_of(at)) for at in (59, 1111111109, 20000000000)] == [
        "287082",
        "081804",
        "353130",
    ]
    assert LOGINS[0].code() == ""
    assert len(LOGINS[1].code()) == 6


def test_without_any_nothing_prints() -> None:
    assert logins.table([]) == []
