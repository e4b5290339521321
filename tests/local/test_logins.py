"""Demo log-ins: kept beside the data, printed in columns."""

import stat

from deploy.local import logins
from deploy.local.logins import DemoLogin

LOGINS = [
    DemoLogin("guardian", "a@example.org", "first", "sainte-aurore"),
    DemoLogin("manager,registrar", "mairie@example.org", "second", "le-val-dore"),
]


def test_what_the_loader_hands_over_is_kept_for_the_next_run(tmp_path):
    assert logins.kept_in(tmp_path) is None
    assert logins.keep(tmp_path, LOGINS) == LOGINS
    assert logins.kept_in(tmp_path) == LOGINS


def test_only_the_owner_may_read_them(tmp_path):
    logins.keep(tmp_path, LOGINS)
    assert stat.S_IMODE((tmp_path / logins.FILE).stat().st_mode) == 0o600


def test_they_print_in_columns():
    assert [line.rstrip() for line in logins.table(LOGINS)] == [
        "town           role               e-mail              password",
        "sainte-aurore  guardian           a@example.org       first",
        "le-val-dore    manager,registrar  mairie@example.org  second",
    ]


def test_without_any_nothing_prints():
    assert logins.table([]) == []
