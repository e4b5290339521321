"""Who may file what, and which answers a household need not type."""

from datetime import date
from typing import Any

import pytest

from services.requests.domain.catalogue.audiences import Audience, Standing, admits
from services.requests.domain.catalogue.localising import localised
from services.requests.domain.categories import Category, categories_of
from services.requests.domain.refusals import CategoriesRefused
from services.requests.http import parts
from services.requests.store.documents import category_document, category_of
from services.requests.store.standing import StandingRetention, StandingStore
from services.requests.store.standing_privacy import erase_standing, standing_of
from services.requests.usecases.keep_copies import keep_household
from services.requests.usecases.keep_standing import end_adhesion, end_enrolment, keep_adhesion, keep_enrolment
from services.requests.usecases.reception import Visitor
from shared.contracts import E_co, Told
from shared.contracts.identity import (
    AdhesionEnded,
    AdhesionJoined,
    HouseholdProfiled,
    JoinedChild,
    ProfiledChild,
    ProfiledGuardian,
)
from shared.contracts.school import ChildEnrolled, EnrolmentEnded
from shared.mongo import Database
from tests.requests.conftest import Door
from tests.requests.samples import CHILD, HOUSEHOLD, NOW, TOWN, entry, form, messages, text

CANTEEN, CARE = f"{TOWN}.cantine", f"{TOWN}.garderie"
TODAY = date(2026, 11, 20)
OFFER = f"/request-categories?municipality_id={TOWN}"


def told(event: E_co, sequence: int = 1) -> Told[E_co]:
    return Told(event=event, id="evt_1", subject="sub", sequence=sequence, municipality_id=TOWN, time=NOW)


def joined(*, resident: bool = True) -> AdhesionJoined:
    return AdhesionJoined(
        household_id=HOUSEHOLD,
        municipality_id=TOWN,
        family_file_id="fil_1",
        family_reference="F1",
        resident=resident,
        children=(JoinedChild(child_id=CHILD, reference="E1"),),
    )


def enrolled(programme_id: str = CANTEEN, ends: date = date(2027, 7, 2), reference: str = "E1") -> ChildEnrolled:
    return ChildEnrolled(
        municipality_id=TOWN,
        enrolment_id=f"enr_{programme_id}_{reference}",
        reference=reference,
        programme_id=programme_id,
        site_id=f"{TOWN}.ecole",
        group="CP",
        starts=date(2026, 9, 1),
        ends=ends,
    )


@pytest.mark.parametrize(
    ("audience", "child", "expected"),
    [
        (Audience(), None, True),
        (Audience(who="residents"), None, False),
        (Audience(who="enrolled"), None, True),
        (Audience(who="enrolled"), "chd_other", False),
        (Audience(who="enrolled", programmes=(CANTEEN,)), CHILD, True),
        (Audience(who="enrolled", programmes=(CARE,)), CHILD, False),
    ],
)
def test_a_household_is_among_those_it_is_for_or_not(audience: Audience, child: str | None, expected: bool) -> None:
    standing = Standing(resident=False, enrolled={CHILD: frozenset({CANTEEN}), "chd_other": frozenset()})

    assert admits(audience, standing, child) is expected


@pytest.mark.parametrize(
    "audience", [{"who": "residents", "programmes": [CANTEEN]}, {"who": "enrolled", "programmes": ["autre.cantine"]}]
)
def test_an_audience_that_says_nothing_is_refused(audience: dict[str, Any]) -> None:
    with pytest.raises(CategoriesRefused):
        categories_of(TOWN, [entry(audience=audience)])


async def test_what_others_tell_is_where_a_household_stands(db: Database) -> None:
    standings = StandingStore(db)
    await keep_adhesion(told(joined()), standings=standings)
    await keep_enrolment(told(enrolled()), standings=standings)
    await keep_enrolment(told(enrolled(CARE, ends=date(2026, 7, 3))), standings=standings)
    await keep_enrolment(told(enrolled(CARE, reference="E2")), standings=standings)

    standing = await standings.of(HOUSEHOLD, TOWN, TODAY)

    assert standing == Standing(resident=True, enrolled={CHILD: frozenset({CANTEEN})})


async def test_an_older_telling_never_replaces_a_newer_one(db: Database) -> None:
    standings = StandingStore(db)
    ids = {"municipality_id": TOWN, "enrolment_id": f"enr_{CANTEEN}_E1", "reference": "E1"}
    over = EnrolmentEnded(**ids, programme_id=CANTEEN, site_id=f"{TOWN}.ecole", last_day=date(2026, 10, 1))
    left = AdhesionEnded(household_id=HOUSEHOLD, municipality_id=TOWN, family_file_id="fil_1")
    await keep_adhesion(told(joined(), 3), standings=standings)
    await end_enrolment(told(over, 2), standings=standings)
    await keep_enrolment(told(enrolled(), 1), standings=standings)

    assert (await standings.of(HOUSEHOLD, TOWN, TODAY)).enrolled == {CHILD: frozenset()}
    await end_adhesion(told(left, 4), standings=standings)
    await keep_adhesion(told(joined(), 3), standings=standings)
    assert await standings.of(HOUSEHOLD, TOWN, TODAY) == Standing(resident=False, enrolled={})


async def test_enrolments_long_over_go(db: Database) -> None:
    standings = StandingStore(db)
    await keep_enrolment(told(enrolled(ends=date(2025, 7, 4))), standings=standings)
    await keep_enrolment(told(enrolled(CARE)), standings=standings)

    assert await StandingRetention(db).ended(NOW) == 1


async def test_an_erased_household_leaves_no_copy_and_a_shared_child_stays_enrolled(db: Database) -> None:
    standings = StandingStore(db)
    other = joined().model_copy(update={"household_id": "hsh_other"})
    alone = JoinedChild(child_id="chd_alone", reference="E9")
    mine = joined().model_copy(update={"children": (*joined().children, alone)})
    for event in (mine, other):
        await keep_adhesion(told(event), standings=standings)
    for reference in ("E1", "E9"):
        await keep_enrolment(told(enrolled(reference=reference)), standings=standings)

    held = await standing_of(db, HOUSEHOLD)
    gone = await erase_standing(db, HOUSEHOLD)

    assert ([one["reference"] for one in held["enrolments"]], len(held["adhesions"]), gone) == (["E1", "E9"], 1, 2)
    assert await standing_of(db, HOUSEHOLD) == {"adhesions": [], "enrolments": []}
    assert (await standings.of("hsh_other", TOWN, TODAY)).enrolled == {CHILD: frozenset({CANTEEN})}
    assert await db["enrolments"].count_documents({}) == 1


async def profiled(door: Door) -> None:
    guardians = (
        ProfiledGuardian(
            guardian_id="grd_1", civility="Mme", first_name="Claire", last_name="Martin", phone="06 39 98 00 01"
        ),
        ProfiledGuardian(guardian_id="grd_2", civility="M.", first_name="Paul", last_name="Martin"),
    )
    child = ProfiledChild(child_id=CHILD, first_name="Zoé", last_name="Martin", birth_date=date(2018, 5, 14))
    event = HouseholdProfiled(
        household_id=HOUSEHOLD, name="Martin", municipality_ids=(TOWN,), guardians=guardians, children=(child,)
    )
    await keep_household(told(event, 2), households=door.client.app[parts.HOUSEHOLDS])  # type: ignore[union-attr]


PREFILLED = {
    "form": form(
        tel=text(format="tel"), court=text(maxLength=3), enfant=text(), ne=text(format="date"), le=text(format="date")
    ),
    "ui": {
        "fields": {
            "tel": {"prefill": "guardian.phone"},
            "court": {"prefill": "guardian.first_name"},
            "enfant": {"prefill": "child.first_name"},
            "ne": {"prefill": "child.birth_date"},
            "le": {"prefill": "today"},
        }
    },
    "attachments": [],
}
KNOWN = {"tel": "06 39 98 00 01", "enfant": "Zoé", "ne": "2018-05-14", "le": "2026-11-20"}


async def test_a_form_is_filled_in_with_what_is_known_and_fits(door: Door) -> None:
    await profiled(door)
    await door.set_categories(entry(**PREFILLED))

    path = f"/request-categories/{TOWN}.personne-autorisee?child_id={CHILD}"
    _, category = await door.call("GET", path, door.parent)

    assert category["answers"] == KNOWN
    body = {"category_id": category["category_id"], "child_id": CHILD, "prefill": True, "answers": {"tel": "07 00 00"}}
    status, draft = await door.call("POST", "/requests", door.parent, json=body)
    assert (status, draft["answers"]) == (201, {**KNOWN, "tel": "07 00 00"})


async def test_the_guardian_who_is_there_is_the_one_filled_in(door: Door) -> None:
    await profiled(door)
    first_name = {"fields": {"prenom": {"prefill": "guardian.first_name"}}}
    [category] = categories_of(TOWN, [entry(form=form(prenom=text()), ui=first_name, attachments=[])])
    reception = door.client.app[parts.RECEPTION]  # type: ignore[union-attr]

    found = [
        await reception.answers_known(category, Visitor(household_id=HOUSEHOLD, guardian_id=who), CHILD)
        for who in ("grd_2", "grd_1", "")
    ]

    assert [answers["prenom"] for answers in found] == ["Paul", "Claire", "Claire"]


async def test_nothing_is_filled_in_unless_it_is_asked(door: Door) -> None:
    await profiled(door)
    await door.set_categories(entry(**PREFILLED))

    _, draft = await door.call(
        "POST",
        "/requests",
        door.parent,
        json={"category_id": f"{TOWN}.personne-autorisee", "child_id": CHILD, "answers": {}},
    )

    assert draft["answers"] == {}


async def test_a_request_for_others_is_shown_so_and_not_begun(door: Door) -> None:
    await door.set_categories(entry(audience={"who": "enrolled", "programmes": [CANTEEN]}))
    body = {"category_id": f"{TOWN}.personne-autorisee", "child_id": CHILD, "answers": {}}

    _, [category] = await door.call("GET", OFFER, door.parent)
    status, problem = await door.call("POST", "/requests", door.parent, json=body)

    assert (category["may_file"], category["audience"]) == (False, "enrolled")
    assert (status, problem["type"]) == (403, "/problems/not-for-this-household")
    assert "celles dont un enfant est inscrit" in problem["detail"]

    standings = door.client.app[parts.STANDINGS]  # type: ignore[union-attr]
    await keep_adhesion(told(joined()), standings=standings)
    await keep_enrolment(told(enrolled()), standings=standings)
    assert (await door.call("POST", "/requests", door.parent, json=body))[0] == 201


@pytest.mark.parametrize(
    ("field", "source"),
    [
        (text(), "guardian.password"),
        (text(format="email"), "guardian.phone"),
        (text(enum=["a"]), "guardian.phone"),
        ({"type": "integer", "title": "Nombre"}, "guardian.phone"),
    ],
)
def test_what_could_not_fill_a_field_is_refused(field: dict[str, Any], source: str) -> None:
    with pytest.raises(CategoriesRefused) as refused:
        categories_of(TOWN, [entry(form=form(a=field), ui={"fields": {"a": {"prefill": source}}}, attachments=[])])

    assert refused.value.errors[0]["field"] == "categories.0.ui.fields.a.prefill"


def test_a_child_is_known_of_requests_about_one_only() -> None:
    ui = {"fields": {"a": {"prefill": "child.first_name"}}}

    with pytest.raises(CategoriesRefused):
        categories_of(TOWN, [entry(form=form(a=text()), ui=ui, about_child=False)])


IN_ENGLISH: dict[str, Any] = {
    "form": {
        **form(lien=text(enum=["gp", "autre"]), groupe={**form(rue=text(maxLength=2)), "title": "Groupe"}),
        "required": ["lien"],
    },
    "ui": {
        "sections": [{"id": "un", "title": "Un", "fields": ["lien"]}],
        "fields": {"groupe.rue": {"messages": {"maxLength": "Deux lettres au plus."}}},
    },
    "workflow": [{"id": "etude", "name": "Étude"}],
    "translations": {
        "en": {
            "name": "Authorise somebody",
            "fields": {
                "lien": {"title": "Relationship", "choices": {"gp": "Grandparent"}},
                "groupe.rue": {"title": "Street", "messages": {"maxLength": "Two letters at most."}},
            },
            "sections": {"un": {"title": "One"}},
            "steps": {"etude": "Looked at"},
            "attachments": {"courrier": "Letter"},
        }
    },
}


def bilingual() -> Category:
    [category] = categories_of(TOWN, [entry(**IN_ENGLISH)])
    return category


def test_a_category_is_read_in_the_readers_language_as_far_as_it_was_written() -> None:
    english = localised(bilingual(), "en")

    fields = english.form["properties"]
    assert (english.name, english.thematic) == ("Authorise somebody", "Périscolaire")
    assert [one["title"] for one in fields["lien"]["oneOf"]] == ["Grandparent", "autre"]
    assert fields["groupe"]["properties"]["rue"]["title"] == "Street"
    assert (english.ui["sections"][0]["title"], english.workflow[0].name) == ("One", "Looked at")
    assert [slot.name for slot in english.slots] == ["Pièce d'identité", "Letter"]
    assert localised(bilingual(), "fr") == bilingual()


@pytest.mark.parametrize(
    ("language", "missing", "too_long"),
    [
        ("fr", "« Champ » est à compléter.", "Deux lettres au plus."),
        ("en", "“Relationship” is missing.", "Two letters"),
    ],
)
async def test_messages_are_in_the_readers_language_and_the_towns_own_words(
    door: Door, language: str, missing: str, too_long: str
) -> None:
    await door.set_categories(entry(**IN_ENGLISH, about_child=False))
    caller = {**door.parent, "Accept-Language": language}
    body = {"category_id": f"{TOWN}.personne-autorisee", "answers": {}}
    _, draft = await door.call("POST", "/requests", caller, json=body)

    told_missing = {one["field"]: one["message"] for one in draft["missing"]}
    wrong = {"answers": {"groupe": {"rue": "trop"}}}
    _, problem = await door.call("PUT", f"/requests/{draft['request_id']}/answers", caller, json=wrong)

    # Whatever spaces stand within the quotation marks.
    assert " ".join(told_missing["lien"].split()) == missing
    assert messages(problem["errors"])["answers.groupe.rue"].startswith(too_long)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"fields": {"absent": {"title": "x"}}}, "fields.absent"),
        ({"fields": {"lien": {"choices": {"maire": "Mayor"}}}}, "fields.lien.choices"),
        ({"steps": {"autre": "x"}}, "steps"),
        ({"attachments": {"autre": "x"}}, "attachments"),
    ],
)
def test_words_for_what_is_not_there_are_named(change: dict[str, Any], place: str) -> None:
    with pytest.raises(CategoriesRefused) as refused:
        categories_of(TOWN, [entry(**{**IN_ENGLISH, "translations": {"en": change}})])

    assert refused.value.errors[0]["field"] == f"categories.0.translations.en.{place}"


def test_a_category_stored_before_it_said_all_this_is_for_everybody() -> None:
    document = category_document(bilingual())
    for name in ("audience", "processing_days", "workflow", "ui", "translations", "keep_days"):
        del document[name]

    category = category_of(document)

    assert (category.audience.who, category.processing_days, category.workflow) == ("all", None, ())
    assert (category.ui, category.translations) == ({}, {})
    assert category_of(category_document(bilingual())) == bilingual()
