"""Who is told what: a table that names fields, held to the contracts, and nothing besides what it names."""

import json
import re
from typing import Any

import pytest

from services.partners.domain.catalogue import schema_of, told_to
from services.partners.domain.minimising import outgoing
from services.partners.domain.subscriptions import topics_of
from shared.contracts.catalogue import all_events
from shared.contracts.disclosure import ACCOUNTING, DISCLOSED, KITCHEN, PROFILES, TOWN_SOFTWARE, WITHHELD
from shared.contracts.narrowing import narrowed, picked, shape_of, tree
from tests.contracts.committed import golden_file
from tests.partners.samples import BASE, BOOKED, CHILD, FROZEN, HOUSEHOLD, ISSUED, TOWN, entry, envelope, fact

ON_EVENTS = {kind.topic: kind for kind in all_events() if kind.exchange == "events"}
PAIRS = sorted((topic, profile) for topic, row in DISCLOSED.items() for profile in row if topic in ON_EVENTS)
NAMES = re.compile(r"(first|last|birth|sur)_?name|civility|email|phone|address|birth|iban|message|words|reason$|facts")
# What nobody outside the town's own software has to know.
OF_CHILDREN = re.compile(r"child|enrolment|group|attendance|marks")


def test_every_event_is_disclosed_or_withheld_and_none_is_both() -> None:
    said = DISCLOSED.keys() | WITHHELD.keys()

    assert sorted(ON_EVENTS.keys() - said) == [], "say in shared/contracts/disclosure.py who is told of these"
    assert sorted(said - ON_EVENTS.keys()) == []
    assert sorted(DISCLOSED.keys() & WITHHELD.keys()) == []


def test_what_carries_personal_data_between_services_is_disclosed_to_nobody() -> None:
    private = {kind.topic for kind in all_events() if kind.exchange == "profiles"}

    assert private & (DISCLOSED.keys() | WITHHELD.keys()) == set()


def test_every_withheld_event_says_why() -> None:
    assert all(len(reason) > 10 for reason in WITHHELD.values())


@pytest.mark.parametrize(("topic", "profile"), PAIRS)
def test_the_fields_of_a_row_are_fields_of_the_contract(topic: str, profile: str) -> None:
    assert profile in PROFILES
    assert set(DISCLOSED[topic][profile]) <= fields_of(ON_EVENTS[topic].model_json_schema())


def test_no_profile_is_given_a_name_or_free_text() -> None:
    given = {(topic, field) for topic, row in DISCLOSED.items() for fields in row.values() for field in fields}

    # Programmes, activities and towns have names; why a family left a waiting list is one of five words.
    harmless = {
        ("reservations.waiting_list_left.v1", "reason"),
    }
    assert {one for one in given if NAMES.search(one[1])} == harmless


@pytest.mark.parametrize("profile", [KITCHEN, ACCOUNTING])
def test_kitchens_and_accountants_are_told_of_no_child(profile: str) -> None:
    given = {field for row in DISCLOSED.values() for field in row.get(profile, ())}

    assert [field for field in given if OF_CHILDREN.search(field)] == []


def test_kitchens_are_told_of_no_household() -> None:
    given = {field for row in DISCLOSED.values() for field in row.get(KITCHEN, ())}

    assert [field for field in given if "household" in field or "invoice" in field or "account" in field] == []


def test_the_subject_of_what_kitchens_and_accountants_hear_is_no_child() -> None:
    # A month sheet, an enrolment and a household are named after whom they are about.
    personal = {"household_id", "child_id", "enrolment_id"}
    for profile in (KITCHEN, ACCOUNTING):
        for topic in topics_of(profile) & ON_EVENTS.keys():
            path = golden_file(topic)
            subject = json.loads(path.read_text())["subject"]
            assert not subject.startswith(("sht_", "chd_", "enr_")), (topic, personal)


def test_only_what_the_profile_names_goes_out() -> None:
    sent = outgoing(fact(7), KITCHEN, BASE)

    assert sent is not None
    event = json.loads(sent.body)
    assert event["data"] == {
        "municipality_id": TOWN,
        "programme_id": "sainte-aurore.restaurant",
        "date": "2026-11-23",
        "due_at": "2026-11-20T09:00:00Z",
        "counts": [{"activity_id": "sainte-aurore.repas", "site_id": "tilleuls", "diet": "sans-porc", "count": 9}],
    }
    assert event["position"] == 7
    assert event["dataschema"] == f"{BASE}/api/v1/partner-profiles/kitchen/{FROZEN}"
    assert not event.keys() & {"correlationid", "causationid", "traceparent"}


def test_what_a_contract_gains_later_is_given_to_nobody() -> None:
    grown = envelope(1, ISSUED, household_name="Martin")
    grown["data"] = {**grown["data"], "family_name": "Martin", "quotient": 512}
    (recorded,) = [json.loads(one.body) for one in [entry(1, ISSUED, data=grown["data"])]]

    kept = picked(recorded["data"], shape_of(ISSUED, ACCOUNTING) or {})

    assert not kept.keys() & {"family_name", "quotient"}
    assert kept["total_cents"] == 4210


def test_what_a_part_gains_later_is_given_to_nobody() -> None:
    counts = [{"activity_id": "a", "diet": "", "count": 2, "child_ids": [CHILD]}]

    assert picked({"counts": counts}, tree(("counts.activity_id", "counts.count"))) == {
        "counts": [{"activity_id": "a", "count": 2}]
    }


def test_an_event_outside_the_profile_does_not_go_out() -> None:
    assert outgoing(fact(1, BOOKED), KITCHEN, BASE) is None
    assert outgoing(fact(1, BOOKED), ACCOUNTING, BASE) is None
    assert outgoing(fact(1, ISSUED), KITCHEN, BASE) is None


def test_the_towns_own_software_hears_of_bookings_by_id() -> None:
    sent = outgoing(fact(1, BOOKED), TOWN_SOFTWARE, BASE)

    assert sent is not None
    data = json.loads(sent.body)["data"]
    assert (data["child_id"], data["household_id"]) == (CHILD, HOUSEHOLD)
    assert data["days"] == [{"activity_id": "sainte-aurore.repas", "date": "2026-11-23"}]
    assert "booked_by" not in data


@pytest.mark.parametrize(("topic", "profile"), PAIRS)
def test_what_goes_out_has_the_shape_its_schema_says(topic: str, profile: str) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = schema_of(profile, topic)
    assert schema is not None
    golden = json.loads(golden_file(topic).read_text())

    sent = picked(golden["data"], shape_of(topic, profile) or {})

    jsonschema.validate(sent, schema)
    jsonschema.Draft202012Validator.check_schema(schema)


def test_a_schema_names_the_fields_of_the_profile_and_no_other() -> None:
    schema = schema_of(ACCOUNTING, ISSUED)

    assert schema is not None
    assert set(schema["properties"]) == set(DISCLOSED[ISSUED][ACCOUNTING])
    assert schema["additionalProperties"] is False


def test_there_is_no_schema_of_what_is_not_told() -> None:
    assert schema_of(KITCHEN, ISSUED) is None
    assert schema_of("nobody", ISSUED) is None


def test_every_profile_is_told_of_something() -> None:
    assert all(told_to(profile) for profile in PROFILES)


def test_a_schema_without_parts_stays_whole() -> None:
    assert narrowed({"type": "string"}, {}, {}) == {"type": "string"}


def fields_of(schema: dict[str, Any]) -> set[str]:
    """Every path, also those to parts."""
    parts: dict[str, Any] = schema.get("$defs", {})

    def walk(node: dict[str, Any], before: str) -> set[str]:
        if "$ref" in node:
            node = parts[str(node["$ref"]).rsplit("/", 1)[1]]
        if "items" in node:
            return walk(node["items"], before)
        found: set[str] = set()
        for name, inner in node.get("properties", {}).items():
            path = f"{before}.{name}" if before else name
            found |= {path} | walk(inner, path)
        return found

    return walk(schema, "")
