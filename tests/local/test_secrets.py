"""Secrets: made once per installation, for their owner's eyes only."""

import stat

from deploy.local import secrets


def test_the_same_installation_keeps_its_secrets(tmp_path):
    first = secrets.kept_in(tmp_path)
    again = secrets.kept_in(tmp_path)
    assert first.of("mongo", "identity") == again.of("mongo", "identity")
    assert first.demo_password("a@example.org") == again.demo_password("a@example.org")


def test_two_installations_share_no_secret(tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    assert secrets.kept_in(one).of("portal") != secrets.kept_in(other).of("portal")


def test_every_purpose_has_a_password_of_its_own(tmp_path):
    kept = secrets.kept_in(tmp_path)
    purposes = [("mongo", "identity"), ("amqp", "identity"), ("mongo", "billing"), ("mongoidentity",)]
    assert len({kept.of(*purpose) for purpose in purposes}) == len(purposes)


def test_only_the_owner_may_read_what_is_kept(tmp_path):
    secrets.kept_in(tmp_path)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()]
    assert modes == [0o600]


def test_a_file_left_half_written_does_not_stop_the_next_write(tmp_path):
    (tmp_path / "note.new").write_text("half")
    secrets.write_privately(tmp_path / "note", b"whole")
    assert (tmp_path / "note").read_bytes() == b"whole"
    assert [path.name for path in tmp_path.iterdir()] == ["note"]


def test_a_demo_password_is_three_groups_a_person_can_type(tmp_path):
    groups = secrets.kept_in(tmp_path).demo_password("a@example.org").split("-")
    assert [len(group) for group in groups] == [5, 5, 5]


def test_a_secret_does_not_show_by_accident(tmp_path):
    kept = secrets.kept_in(tmp_path)
    assert (tmp_path / secrets.FILE).read_bytes().hex() not in repr(kept)
