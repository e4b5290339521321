"""Steps 1 and 2: the town imports families and invites them; the parents register."""

from urllib.parse import parse_qs, urlsplit

from deploy.local.demo.stage import ANONYMOUS, Person, Stage
from deploy.local.demo.story import OTHER_TOWN, TOWN, Family, Story

FAMILIES = (
    "reference_famille;nom_famille;email;telephone;adresse;code_postal;ville;resp1_civilite;resp1_nom;resp1_prenom;"
    "resp2_civilite;resp2_nom;resp2_prenom;reference_enfant;enfant_nom;enfant_prenom;enfant_naissance;domicilie"
)
ENROLMENTS = "reference_enfant;programme;site;classe;debut;fin"
QUOTIENTS = "reference_famille;quotient;date_effet"
PLACES_OF = {"restaurant": "ecole-des-tilleuls", "transport": "ecole-des-tilleuls", "ateliers": "maison-des-arts"}
INVITED = ("identity.family_invited.v1", "identity.invitation_issued.v1")


async def agent(stage: Stage, story: Story, town: str, role: str) -> Person:
    """An agent of the sample town, signed in once."""
    login = story.login(town, role)
    if login.email not in story.agents:
        story.agents[login.email] = await stage.sign_in(f"agent ({role})", login)
    return story.agents[login.email]


async def import_families(stage: Stage, story: Story) -> None:
    for town, families in ((TOWN, (story.first, story.second)), (OTHER_TOWN, (story.elsewhere,))):
        registrar = await agent(stage, story, town, "registrar")
        text = "\n".join([FAMILIES, *(family.line() for family in families)])
        report = await stage.call(
            registrar,
            "POST",
            f"/family-imports?municipality_id={town}&invite=true",
            text.encode(),
            media="text/csv",
            status=201,
            told=INVITED * len(families),
        )
        stage.insist(report["invited"] == len(families), f"the import reports {report}")
    await _enrol(stage, story)
    await _set_quotients(stage, story)


async def _enrol(stage: Stage, story: Story) -> None:
    registrar = await agent(stage, story, TOWN, "registrar")
    lines = [
        f"{family.child_reference};{programme};{site};CE2;01/09/2024;31/08/2028"
        for family in (story.first, story.second)
        for programme, site in PLACES_OF.items()
    ]
    await stage.call(
        registrar,
        "POST",
        f"/enrolment-imports?municipality_id={TOWN}",
        "\n".join([ENROLMENTS, *lines]).encode(),
        media="text/csv",
        status=201,
    )


async def _set_quotients(stage: Stage, story: Story) -> None:
    cashier = await agent(stage, story, TOWN, "cashier")
    await stage.call(
        cashier,
        "POST",
        f"/quotient-imports?municipality_id={TOWN}",
        f"{QUOTIENTS}\n{story.first.reference};742;01/09/2024".encode(),
        media="text/csv",
        status=201,
    )


async def register_families(stage: Stage, story: Story) -> None:
    for family in (story.first, story.second, story.elsewhere):
        await _register(stage, family)
    for family in (story.first, story.second):
        family.child_id = await _known_child(stage, family)


async def _register(stage: Stage, family: Family) -> None:
    mail = await stage.mail_to(family.email, "Adhésion")
    link = next(word for word in mail["text"].split() if "/createAccount?" in word)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
    code = {"code": asked["activationCode"], "email": asked["email"]}
    found = await stage.call(ANONYMOUS, "POST", "/invitations/lookup", code)
    household = found["household"]
    stage.insist(household["children"][0]["first_name"] == family.child, "the form is not prefilled with the child")
    granted = await stage.call(
        ANONYMOUS,
        "POST",
        "/registrations",
        {
            **code,
            "password": family.password,
            "family_name": household["family_name"],
            "guardians": [{k: v for k, v in one.items() if v} for one in household["guardians"]],
            "children": [
                {k: one[k] for k in ("reference", "first_name", "last_name")} for one in household["children"]
            ],
        },
        status=201,
        told=("identity.account_created.v1", "identity.adhesion_joined.v1", "identity.household_profiled.v1"),
    )
    family.parent = Person(f"parent {family.name}", granted["access_token"])


async def _known_child(stage: Stage, family: Family) -> str:
    """The child as reservations knows it, with its enrolments."""

    async def look() -> str | None:
        children = await stage.call(family.parent, "GET", "/children", quiet=True)
        return next((child["child_id"] for child in children if len(child["enrolments"]) == len(PLACES_OF)), None)

    child_id = await stage.eventually("the child and its enrolments in reservations", look)
    stage.tell(f"reservations knows {family.child} ({child_id}) with {len(PLACES_OF)} enrolments")
    return child_id
