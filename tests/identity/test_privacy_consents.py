"""What towns ask consent for, version by version, and what guardians answered when."""

from typing import Any

import pytest

from services.identity.domain.consents import Consent, ConsentText, ConsentTextChanged, consent_id
from shared.auth import Role
from tests.identity.conftest import Door
from tests.identity.samples import AURORE, DORE, START, MovableClock

OWN = "me/privacy-consents"
IMAGES = {
    "municipality_id": AURORE,
    "purpose": "images",
    "title_fr": "Photos de votre enfant",
    "text_fr": "La ville peut-elle photographier votre enfant lors des activités ?",
}


@pytest.fixture
async def claire(door: Door) -> dict[str, str]:
    return await door.joined()


async def put(door: Door, headers: dict[str, str], **changes: Any) -> tuple[int, Any]:
    body = {"municipality_id": AURORE, "purpose": "images", "granted": True, "text_version": 1, **changes}
    async with door.client.put(f"/api/v1/{OWN}", json=body, headers=headers) as answer:
        return answer.status, await answer.json()


async def publish(door: Door, **changes: Any) -> Any:
    status, text = await door.post("privacy-texts", {**IMAGES, **changes}, door.manager)
    assert status == 201, text
    return text


def text(version: int = 1) -> ConsentText:
    return ConsentText(
        municipality_id=AURORE,
        purpose="images",
        version=version,
        words={"fr": ("Photos", "Oui ?"), "en": ("Pictures", "Yes?")},
        published_at=START,
        published_by="acc_1",
    )


def consent() -> Consent:
    name = consent_id("acc_1", AURORE, "images")
    return Consent(id=name, account_id="acc_1", household_id="hsh_1", municipality_id=AURORE, purpose="images")


def test_each_answer_is_dated_and_bound_to_its_text() -> None:
    agreed, new = consent().answered(True, text(), 1, START)
    changed, newer = agreed.answered(False, text(), 1, START)

    assert (new, newer) == (True, True)
    assert [(one.granted, one.text_version, one.at) for one in changed.answers] == [(True, 1, START), (False, 1, START)]
    assert changed.told().granted is False


def test_the_same_answer_again_is_no_answer() -> None:
    agreed, _ = consent().answered(True, text(), 1, START)

    assert agreed.answered(True, text(), 1, START) == (agreed, False)


def test_an_answer_to_a_former_text_is_refused() -> None:
    with pytest.raises(ConsentTextChanged):
        consent().answered(True, text(2), 1, START)


def test_the_same_words_are_the_same_version() -> None:
    assert text().rewritten(text().words, by="acc_2", at=START) == text()
    assert text().rewritten({"fr": ("Photos", "Non ?")}, by="acc_2", at=START).version == 2


def test_a_text_not_written_in_a_language_is_shown_in_french() -> None:
    assert text().in_language("en") == ("Pictures", "Yes?")
    assert text().in_language("de") == ("Photos", "Oui ?")


async def test_a_guardian_sees_what_the_town_asks_and_answers(
    door: Door, claire: dict[str, str], clock: MovableClock
) -> None:
    await publish(door)
    status, asked = await door.get(OWN, claire)
    assert status == 200
    assert [(one["purpose"], one["granted"], one["text_version"]) for one in asked["items"]] == [("images", None, 1)]

    status, answered = await put(door, claire)

    assert (status, answered["granted"], answered["answered_version"]) == (200, True, 1)
    (told,) = [one["data"] for one in await door.told("privacy.consent_set.v1")]
    assert (told["purpose"], told["granted"], told["text_version"]) == ("images", True, 1)
    assert answered["answered_at"].startswith(clock.now.date().isoformat())


async def test_who_agreed_can_change_their_mind_and_both_answers_are_kept(door: Door, claire: dict[str, str]) -> None:
    await publish(door)
    await put(door, claire)

    _, answered = await put(door, claire, granted=False)

    assert answered["granted"] is False
    (kept,) = await door.db["privacy_consents"].find().to_list(None)
    assert [one["granted"] for one in kept["answers"]] == [True, False]
    sequences = [one["sequence"] for one in await door.told("privacy.consent_set.v1")]
    assert sequences == [1, 2]


async def test_a_text_written_anew_is_asked_again(door: Door, claire: dict[str, str]) -> None:
    await publish(door)
    await put(door, claire)
    again = await publish(door, text_fr="Et pour le journal municipal ?")
    assert again["text_version"] == 2

    _, asked = await door.get(OWN, claire)
    status, problem = await put(door, claire)

    (one,) = asked["items"]
    assert (one["text_version"], one["answered_version"]) == (2, 1)
    assert (status, problem["type"]) == (409, "/problems/consent-text-changed")
    assert problem["next"]


async def test_the_same_words_published_again_make_no_new_version(door: Door) -> None:
    await publish(door)

    assert (await publish(door))["text_version"] == 1


async def test_a_town_not_joined_or_a_purpose_nobody_asks_is_not_found(door: Door, claire: dict[str, str]) -> None:
    await publish(door)

    answers = [await put(door, claire, municipality_id=DORE), await put(door, claire, purpose="sms")]

    assert [status for status, _ in answers] == [404, 404]


@pytest.mark.parametrize("wrong", [{"text_version": 0}, {"purpose": "Images !"}, {"granted": "yes"}, {"more": 1}])
async def test_an_answer_that_makes_no_sense_is_refused(door: Door, claire: dict[str, str], wrong: Any) -> None:
    status, problem = await put(door, claire, **wrong)

    assert (status, problem["type"]) == (422, "/problems/invalid-input")


async def test_only_managers_write_their_own_town_s_texts(door: Door, claire: dict[str, str]) -> None:
    elsewhere = door.issuer.agent(DORE, Role.MANAGER)

    answers = [(await door.post("privacy-texts", IMAGES, one))[0] for one in (claire, door.registrar, elsewhere)]

    assert answers == [403, 403, 403]


async def test_texts_are_read_in_the_reader_s_language_by_those_of_the_town(door: Door, claire: dict[str, str]) -> None:
    await publish(door, title_en="Pictures of your child", text_en="May the town take pictures?")
    path = f"privacy-texts?municipality_id={AURORE}"

    _, french = await door.get(path, claire)
    _, english = await door.get(path, {**door.registrar, "Accept-Language": "en"})
    status, _ = await door.get(path, door.issuer.agent(DORE, Role.MANAGER))

    assert french["items"][0]["title"] == "Photos de votre enfant"
    assert english["items"][0]["title"] == "Pictures of your child"
    assert status == 404
