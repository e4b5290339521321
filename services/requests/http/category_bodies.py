"""A category as a town's file writes it; docs/request-categories.schema.json is made from these."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from shared.web import Body, Int

Code = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Town = Annotated[str, Field(max_length=100)]
Path = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}(\.[a-z][a-z0-9_]{0,59}){0,4}$")]
FactName = Annotated[str, Field(pattern=r"^[a-z_]{1,20}$")]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=150)]
Language = Literal["en"]
Rule = Annotated[str, Field(pattern=r"^[a-zA-Z]{1,20}$")]

FORM = (
    "JSON Schema (2020-12) of the answers, from an allow-list: objects (properties, required, dependentRequired, "
    "if/then/else, allOf of these), lists, texts, numbers, yes or no, each with a title; docs/requests.md."
)
DIALECT = "https://json-schema.org/draft/2020-12/schema"


class SlotBody(Body):
    """`document_kind`: the town's code for such papers, for its agents' checklist; `document_of` says whether one is
    about the household or the child; `valid_months`: how long one an agent verified holds, 12 where nothing is said.
    """

    slot: Code
    name: str = Field(min_length=1, max_length=120)
    mandatory: bool
    document_kind: Literal[""] | Code = ""
    document_of: Literal["household", "child"] = "household"
    valid_months: Annotated[Int, Field(ge=1, le=120)] | None = None


class EffectBody(Body):
    """What an accepted request does elsewhere: `absence_proof`, `enrolment`, `contest` (a line of an invoice),
    `quotient` (whose value the agent who accepts it reads off the proof), `pickup` (a person who may collect the
    child), `mandate` (a signed SEPA mandate).
    `fields`: the form's field for each of `starts`, `ends`, `programme`, `site`, `group`, `category`; of a contested
    line `invoice`, `line`, `trail`, `words`; of a person `first_name`, `last_name`, `phone`, `relationship`, `starts`,
    `ends`; of a mandate `iban`, `holder`, `cash_office`, `signed_on`; `values`: what is always the same.
    """

    kind: Literal["absence_proof", "enrolment", "contest", "quotient", "pickup", "mandate"]
    fields: dict[FactName, Annotated[str, Field(max_length=60)]] = Field(default_factory=dict, max_length=10)
    values: dict[FactName, Annotated[str, Field(max_length=100)]] = Field(default_factory=dict, max_length=10)


class AudienceBody(Body):
    """Who may file: `all`, `residents`, or `enrolled`: a child (the one it is about) is enrolled in one of
    `programmes` (ids), in any of the town where none is named."""

    who: Literal["all", "residents", "enrolled"]
    programmes: list[Annotated[str, Field(max_length=120)]] = Field(default_factory=list, max_length=50)


class StepBody(Body):
    """A step of the town's way of working, shown to the family as progress."""

    id: Code
    name: Label


class SectionBody(Body):
    """Fields shown together, in this order; fields in no section come last."""

    id: Code
    title: Label
    description: Words = ""
    fields: list[Path] = Field(min_length=1, max_length=60)


class FieldUiBody(Body):
    """`widget` in place of the usual one; `prefill`: what the household is known for (`guardian.phone`, …);
    `messages`: the town's own sentence for a broken rule (`pattern`, `required`, …)."""

    widget: Literal[
        "", "text", "textarea", "radio", "select", "checkbox", "checkboxes", "date", "number", "list", "group"
    ] = ""
    help: Words = ""
    placeholder: Annotated[str, Field(max_length=100)] = ""
    prefill: Annotated[str, Field(max_length=40)] = ""
    messages: dict[Rule, Words] = Field(default_factory=dict, max_length=15)


class UiBody(Body):
    """How the form is shown; `fields` by path (`adresse.rue`)."""

    sections: list[SectionBody] = Field(default_factory=list, max_length=20)
    fields: dict[Path, FieldUiBody] = Field(default_factory=dict, max_length=120)


class FieldWordsBody(Body):
    """`choices`: label by the value answered."""

    title: Words = ""
    description: Words = ""
    help: Words = ""
    placeholder: Words = ""
    choices: dict[Annotated[str, Field(max_length=200)], Words] = Field(default_factory=dict, max_length=200)
    messages: dict[Rule, Words] = Field(default_factory=dict, max_length=15)


class SectionWordsBody(Body):
    title: Words = ""
    description: Words = ""


class TranslationBody(Body):
    """The category's words in another language; what is missing stays French."""

    thematic: Annotated[str, Field(max_length=80)] = ""
    name: Annotated[str, Field(max_length=150)] = ""
    instructions: Annotated[str, Field(max_length=4000)] = ""
    fields: dict[Path, FieldWordsBody] = Field(default_factory=dict, max_length=120)
    sections: dict[Code, SectionWordsBody] = Field(default_factory=dict, max_length=20)
    steps: dict[Code, Words] = Field(default_factory=dict, max_length=20)
    attachments: dict[Code, Words] = Field(default_factory=dict, max_length=10)


class CategoryBody(Body):
    """`processing_days`: working days within which the town means to answer; `keep_days`: days the documents stay
    after the answer, as long as the request where nothing is said."""

    id: Code
    thematic: str = Field(min_length=1, max_length=80)
    name: str = Field(min_length=1, max_length=150)
    instructions: str = Field(default="", max_length=4000)
    form: Annotated[dict[str, Any], Field(description=FORM)]
    about_child: bool
    attachments: list[SlotBody] = Field(default_factory=list, max_length=10)
    effect: EffectBody | None = None
    keep_days: Annotated[Int, Field(ge=1, le=3650)] | None = None
    audience: AudienceBody | None = None
    processing_days: Annotated[Int, Field(ge=1, le=250)] | None = None
    workflow: list[StepBody] = Field(default_factory=list, max_length=20)
    ui: UiBody | None = None
    translations: dict[Language, TranslationBody] = Field(default_factory=dict)

    def entry(self) -> dict[str, Any]:
        """As the rules read it; what only repeats a default is left out of the words and the ways of showing."""
        plain = self.model_dump(exclude={"ui", "translations"})
        shown = self.model_dump(include={"ui", "translations"}, exclude_defaults=True)
        return {**plain, "ui": shown.get("ui") or {}, "translations": shown.get("translations", {})}


class CategoriesBody(Body):
    """The whole set of the town."""

    categories: list[CategoryBody] = Field(max_length=200)


def categories_schema() -> dict[str, Any]:
    """Of the file, as docs/request-categories.schema.json holds it."""
    return {"$schema": DIALECT, **CategoriesBody.model_json_schema(), "title": "Categories of requests of a town"}
