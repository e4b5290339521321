"""Keys follow each other so that no reader ever meets one it has not heard of."""

import pytest

from services.identity.domain.keys import NoKey, StagedKey, rotated, serving, waiting

HOUR = 3600
LEAD, KEEP = HOUR, 24 * HOUR
FIRST = StagedKey(content={"kid": "first"})


def kids(keys: tuple[StagedKey, ...]) -> list[str]:
    return [key.content["kid"] for key in keys]


def rotate(keys: tuple[StagedKey, ...], kid: str, now: int) -> tuple[StagedKey, ...]:
    return rotated(keys, {"kid": kid}, now=now, lead=LEAD, keep=KEEP)


def test_a_fresh_key_is_known_before_it_serves() -> None:
    keys = rotate((FIRST,), "second", now=0)

    assert kids(keys) == ["first", "second"]
    assert serving(keys, LEAD - 1).content["kid"] == "first"
    assert serving(keys, LEAD).content["kid"] == "second"


def test_the_former_key_stays_until_nothing_it_signed_lives() -> None:
    first, second = rotate((FIRST,), "second", now=0)

    assert first.is_kept(LEAD + KEEP - 1)
    assert not first.is_kept(LEAD + KEEP)
    assert second.is_kept(10**12)


def test_while_a_key_waits_another_rotation_changes_nothing() -> None:
    keys = rotate((FIRST,), "second", now=0)

    assert rotate(keys, "third", now=LEAD - 1) == keys
    assert kids(rotate(keys, "third", now=LEAD)) == ["first", "second", "third"]


def test_what_lapsed_is_dropped_by_the_next_rotation() -> None:
    keys = rotate((FIRST,), "second", now=0)

    assert kids(rotate(keys, "third", now=LEAD + KEEP)) == ["second", "third"]


def test_a_rotation_gives_an_ending_key_no_more_time() -> None:
    keys = rotate((FIRST,), "second", now=0)
    later = rotate(keys, "third", now=2 * LEAD)

    assert later[0] == keys[0]
    assert later[1].kept_until == 3 * LEAD + KEEP


def test_keys_that_open_what_was_kept_are_never_dropped() -> None:
    keys = rotated((FIRST,), {"kid": "second"}, now=0, lead=LEAD, keep=None)

    assert all(key.is_kept(10**12) for key in keys)


def test_of_keys_written_by_hand_the_first_serves() -> None:
    second = StagedKey(content={"kid": "second"})

    assert serving((FIRST, second), 0) is FIRST
    assert waiting((FIRST, second), 0) is None


def test_a_file_without_a_key_that_serves_is_an_error_and_no_silence() -> None:
    with pytest.raises(NoKey):
        serving((StagedKey(content={"kid": "x"}, serves_from=10),), 9)
    with pytest.raises(NoKey):
        serving((StagedKey(content={"kid": "x"}, kept_until=9),), 9)


def test_a_key_is_not_shown() -> None:
    assert "d" not in repr(StagedKey(content={"d": "private"})).replace("StagedKey(serves_from=0, kept_until=None)", "")
