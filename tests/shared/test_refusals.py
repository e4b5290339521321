"""Every way to say no, of the house and of every service: in French, with its facts, under a code of its own."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from shared.errors import Refused
from shared.i18n import Catalogues
from tests.shared.walk import SERVICES, modules

PACKAGES = ("shared", *(f"services.{name}" for name in SERVICES))
PLACE = re.compile(r"%\((\w+)\)s")
KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@cache
def refusals(package: str) -> tuple[type[Refused], ...]:
    """The refusals that package defines."""
    found = {
        kind
        for module in modules(package)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Refused) and kind.__module__.startswith(package)
    }
    return tuple(sorted(found, key=lambda kind: kind.__qualname__))


def words(kind: type[Refused]) -> Iterator[str]:
    """What is said of this refusal, but for what it leaves to the one it refines."""
    yield from (said for said in (kind.title, kind.sentence, kind.remedy) if said)


def french(package: str) -> Catalogues:
    return Catalogues(Path(*package.split(".")))


@pytest.mark.parametrize("package", PACKAGES)
def test_every_refusal_has_its_french_title_sentence_and_remedy(package: str) -> None:
    catalogues = french(package)

    missing = [
        (kind.__name__, said)
        for kind in refusals(package)
        for said in words(kind)
        if PLACE.sub("", said).strip() and catalogues.translate("fr", said) == said
    ]

    assert missing == []


@pytest.mark.parametrize("package", PACKAGES)
def test_the_french_of_a_refusal_names_the_same_facts(package: str) -> None:
    catalogues = french(package)

    different = [
        (kind.__name__, said)
        for kind in refusals(package)
        for said in words(kind)
        if set(PLACE.findall(said)) != set(PLACE.findall(catalogues.translate("fr", said)))
    ]

    assert different == []


@pytest.mark.parametrize("package", PACKAGES)
def test_every_refusal_says_what_to_do_next(package: str) -> None:
    silent = [kind.__name__ for kind in refusals(package) if not kind.remedy and kind is not Refused]

    assert silent == []


@pytest.mark.parametrize("package", PACKAGES)
def test_every_refusal_has_a_code_and_a_status_of_a_refusal(package: str) -> None:
    odd = [
        kind.__name__
        for kind in refusals(package)
        if not KEBAB.fullmatch(kind.code) or not (400 <= kind.status < 500 or kind.status in {500, 502, 503, 504})
    ]

    assert odd == []


@pytest.mark.parametrize("package", PACKAGES)
def test_no_two_refusals_of_a_service_share_a_code(package: str) -> None:
    codes: dict[str, list[type[Refused]]] = {}
    for kind in {*refusals("shared"), *refusals(package)}:
        codes.setdefault(kind.code, []).append(kind)

    shared = {
        code: sorted(kind.__name__ for kind in kinds)
        for code, kinds in codes.items()
        # One that refines another may keep its code; two strangers may not.
        if not any(all(issubclass(kind, first) for kind in kinds) for first in kinds)
    }

    assert shared == {}


def test_the_walk_finds_the_refusals() -> None:
    assert {"NotFound", "KeyReused", "TooLarge"} <= {kind.__name__ for kind in refusals("shared")}
    assert "NewsEmpty" in {kind.__name__ for kind in refusals("services.notifications")}
