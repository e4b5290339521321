"""Which versions of a regulation still count once a new one is published."""

from collections.abc import Sequence

from services.reservations.domain.regulation import Regulation


def succeeded(former: Sequence[Regulation], last: Regulation, new: Regulation) -> tuple[Regulation, ...]:
    """The versions before `new` that still hold for some earlier day, oldest first."""
    if new.version == last.version:
        return tuple(former)
    kept: list[Regulation] = []
    first = new
    for version in (last, *reversed(former)):
        if _before(version, first):
            kept.append(version)
            first = version
    return tuple(reversed(kept))


def _before(version: Regulation, later: Regulation) -> bool:
    """Whether it holds for days the later one does not."""
    if later.valid_from is None:
        return False
    return version.valid_from is None or version.valid_from < later.valid_from
