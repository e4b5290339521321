"""Refusals and failures as RFC 9457 documents, in the reader's language."""

from typing import Any

import pytest


async def document(answer: Any) -> dict[str, Any]:
    assert answer.content_type == "application/problem+json"
    found: dict[str, Any] = await answer.json()
    return found


async def test_a_refusal_is_told_in_french_when_nothing_is_asked(site: Any) -> None:
    told = await document(await site.get("/home"))

    assert told == {
        "type": "/problems/unauthenticated",
        "title": "Connectez-vous d’abord",
        "status": 401,
        "detail": "Cette action demande une session valide.",
        "next": "Connectez-vous, puis recommencez.",
        "instance": "/home",
    }


async def test_a_refusal_is_told_in_english_to_who_asks_for_english(site: Any) -> None:
    told = await document(await site.get("/home", headers={"Accept-Language": "en-GB,en;q=0.9"}))

    assert (told["title"], told["next"]) == ("Sign in first", "Sign in and try again.")


@pytest.mark.parametrize("language", ["de", "*", "", "x" * 5_000, "fr-CA;q=0.1"])
async def test_any_other_language_gets_french(site: Any, language: str) -> None:
    told = await document(await site.get("/home", headers={"Accept-Language": language}))

    assert told["title"] == "Connectez-vous d’abord"


async def test_facts_are_shown_to_people_and_given_to_programs(site: Any) -> None:
    told = await document(await site.get("/failures/window"))

    assert told["detail"].replace("\u00a0", " ") == (
        "vendredi 20 novembre 2026 à 10:00, vendredi 20 novembre 2026, 4,15 €, Léa"
    )
    assert told["next"] == "Ask Léa"
    assert (told["rule"], told["rule_version"], told["limit"]) == ("j-2", 3, "2026-11-20T09:00:00+00:00")
    assert told["price_cents"] == 415
    assert "who" not in told


@pytest.mark.parametrize(("how", "status", "seconds"), [("unavailable", 503, "7"), ("too-many", 429, "30")])
async def test_who_should_wait_is_told_how_long(site: Any, how: str, status: int, seconds: str) -> None:
    answer = await site.get(f"/failures/{how}")

    assert answer.status == status
    assert answer.headers["Retry-After"] == seconds


async def test_a_bug_says_nothing_about_itself(site: Any) -> None:
    answer = await site.get("/failures/bug")

    told = await document(answer)
    assert answer.status == 500
    assert (told["type"], told["title"]) == ("/problems/internal-error", "Erreur interne")
    assert "anna" not in await answer.text()
    assert "ZeroDivision" not in await answer.text()


async def test_an_unknown_address_is_a_problem_like_any_other(site: Any) -> None:
    answer = await site.get("/nothing/here")

    assert answer.status == 404
    assert (await document(answer))["type"] == "/problems/not-found"


async def test_a_wrong_method_is_told_which_ones_there_are(site: Any) -> None:
    answer = await site.patch("/things")

    assert answer.status == 405
    assert (await document(answer))["title"] == "Méthode refusée"
    assert {"GET", "POST", "DELETE"} <= set(answer.headers["Allow"].split(","))


async def test_a_good_request_id_is_kept(site: Any) -> None:
    answer = await site.get("/greeting", headers={"X-Request-Id": "abc-1234567"})

    assert answer.headers["X-Request-Id"] == "abc-1234567"


@pytest.mark.parametrize("bad", ["short", "x" * 65, "with space 1", "inject\tion-12345"])
async def test_a_bad_request_id_is_replaced(site: Any, bad: str) -> None:
    answer = await site.get("/greeting", headers={"X-Request-Id": bad})

    assert answer.headers["X-Request-Id"] != bad
    assert len(answer.headers["X-Request-Id"]) == 32


async def test_a_refusal_carries_the_request_id_too(site: Any) -> None:
    answer = await site.get("/home", headers={"X-Request-Id": "abc-1234567"})

    assert answer.headers["X-Request-Id"] == "abc-1234567"
