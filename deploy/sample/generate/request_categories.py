"""What families may ask the town hall for, with the form and the papers of each, in the town's own programmes."""

from typing import Any

from deploy.sample.generate.request_categories_of_invoices import CONTEST, mandate
from deploy.sample.generate.request_forms import (
    STUDY,
    STUDY_IN_ENGLISH,
    choice,
    day,
    english,
    form,
    labelled,
    only_when,
    other_words,
    paper,
    section,
    text,
)

Json = dict[str, Any]


def categories_of(programmes: Json, offices: dict[str, Json], town_id: str) -> list[Json]:
    """`programmes` and `offices` as the town's files have them."""
    services = {f"{town_id}.{one['id']}": one["name"] for one in programmes["programmes"]}
    sites = {f"{town_id}.{one['id']}": one["name"] for one in programmes["sites"]}
    debiting = {f"{town_id}.{code}": one["creditor"]["name"] for code, one in offices.items()}
    return [PICKUP, QUOTIENT, _enrolment(services, sites), ABSENCE, mandate(debiting), CONTEST, QUESTION]


PICKUP: Json = {
    "id": "personne-autorisee",
    "thematic": "Périscolaire",
    "name": "Autoriser une personne à récupérer l'enfant",
    "instructions": (
        "Indiquez qui pourra venir chercher votre enfant, et à partir de quel jour. "
        "Une pièce d'identité de cette personne est demandée. Une fois votre demande acceptée, "
        "la personne figure sur la liste des personnes autorisées de votre foyer."
    ),
    "form": form(
        ["nom", "prenom", "telephone", "lien", "a_partir_du"],
        [only_when("lien", "Autre", "lien_precise")],
        nom=text("Nom de la personne", 80),
        prenom=text("Prénom de la personne", 80),
        telephone=text("Téléphone", 20),
        lien=choice("Lien avec l'enfant", "Grand-parent", "Autre membre de la famille", "Voisin ou ami", "Autre"),
        lien_precise=text("Précisez le lien", 80),
        a_partir_du=day("À partir du"),
        jusqu_au=day("Jusqu'au (facultatif)"),
    ),
    "about_child": True,
    "attachments": [
        paper("piece-identite", "Pièce d'identité de la personne", mandatory=True),
        paper("courrier", "Courrier", mandatory=False),
    ],
    "effect": {
        "kind": "pickup",
        "fields": {
            "first_name": "prenom",
            "last_name": "nom",
            "phone": "telephone",
            "relationship": "lien",
            "starts": "a_partir_du",
            "ends": "jusqu_au",
        },
    },
    "keep_days": 90,
    "processing_days": 3,
    "workflow": STUDY,
    "ui": {
        "sections": [
            section("personne", "La personne", "nom", "prenom", "telephone", "lien", "lien_precise"),
            section("periode", "La période", "a_partir_du", "jusqu_au"),
        ],
        "fields": {
            "lien": {"widget": "radio"},
            "telephone": {"help": "Pour la joindre si elle n'est pas là à l'heure."},
            "a_partir_du": {"prefill": "today"},
            "jusqu_au": {"help": "Ce jour compris. Laissez vide pour une autorisation sans fin."},
        },
    },
    "translations": english(
        "After-school care",
        "Authorise someone to collect the child",
        instructions=(
            "Say who may collect your child and from which day. A proof of identity of that person is asked for. "
            "Once your request is accepted, the person is on your household's list."
        ),
        titles={
            "nom": "Last name of the person",
            "prenom": "First name of the person",
            "telephone": "Telephone",
            "lien": "Relationship to the child",
            "lien_precise": "Which relationship",
            "a_partir_du": "From",
            "jusqu_au": "Until (optional)",
        },
        choices={
            "lien": {
                "Grand-parent": "Grandparent",
                "Autre membre de la famille": "Another relative",
                "Voisin ou ami": "Neighbour or friend",
                "Autre": "Somebody else",
            }
        },
        sections={"personne": "The person", "periode": "The period"},
        steps=STUDY_IN_ENGLISH,
        attachments={"piece-identite": "Proof of identity of the person", "courrier": "Letter"},
    ),
}

QUOTIENT: Json = {
    "id": "changement-quotient",
    "thematic": "Dossier famille",
    "name": "Signaler un changement de quotient familial",
    "instructions": (
        "Joignez l'attestation de quotient familial de moins de trois mois. "
        "Le nouveau tarif s'applique à partir du mois suivant."
    ),
    "form": form(
        ["quotient", "organisme", "mois"],
        [only_when("organisme", "Autre", "organisme_precise")],
        quotient={"type": "number", "title": "Nouveau quotient familial", "minimum": 0, "maximum": 100000},
        organisme=choice("Organisme", "CAF", "MSA", "Autre"),
        organisme_precise=text("Quel organisme", 80),
        mois=day("Date de l'attestation"),
        commentaire=text("Commentaire (facultatif)", 1000),
    ),
    "about_child": False,
    "attachments": [paper("attestation-quotient", "Attestation de quotient familial", mandatory=True)],
    "effect": {"kind": "quotient"},
    "processing_days": 5,
    "workflow": STUDY,
    "ui": {"fields": {"organisme": {"widget": "radio"}, "commentaire": {"widget": "textarea"}}},
    "translations": english(
        "Family file",
        "Tell a change of the family quotient",
        titles={
            "quotient": "New family quotient",
            "organisme": "Issued by",
            "organisme_precise": "Which body",
            "mois": "Date of the certificate",
            "commentaire": "Remark (optional)",
        },
        choices={"organisme": {"Autre": "Another body"}},
        steps=STUDY_IN_ENGLISH,
        attachments={"attestation-quotient": "Certificate of the family quotient"},
    ),
}


ENROLMENT_IN_ENGLISH = english(
    "Enrolments",
    "Ask for enrolment in a service",
    titles={
        "service": "Service asked for",
        "lieu": "School or place",
        "a_partir_du": "From",
        "precisions": "Details (optional)",
    },
    sections={"service": "The service", "reste": "What we should know"},
    steps=STUDY_IN_ENGLISH,
    attachments={"assurance": "School insurance certificate"},
)


def _enrolment(services: dict[str, str], sites: dict[str, str]) -> Json:
    return {
        "id": "inscription",
        "thematic": "Inscriptions",
        "name": "Demander une inscription à un service",
        "instructions": (
            "Une fois votre demande acceptée, votre enfant est inscrit et vous pouvez réserver depuis votre espace. "
            "Le service peut corriger le lieu ou le premier jour : sa réponse le dit."
        ),
        "form": form(
            ["service", "lieu", "a_partir_du"],
            [],
            service=labelled("Service demandé", services),
            lieu=labelled("École ou lieu d'accueil", sites),
            a_partir_du=day("À partir du"),
            precisions=text("Précisions (facultatif)", 1000),
        ),
        "about_child": True,
        "attachments": [
            {
                **paper("assurance", "Attestation d'assurance scolaire", mandatory=False),
                "document_kind": "assurance-scolaire",
                "document_of": "child",
                "valid_months": 12,
            }
        ],
        "effect": {
            "kind": "enrolment",
            "fields": {"starts": "a_partir_du", "programme": "service", "site": "lieu"},
        },
        "audience": {"who": "all"},
        "processing_days": 10,
        "workflow": STUDY,
        "ui": {
            "sections": [
                section("service", "Le service", "service", "lieu", "a_partir_du"),
                section("reste", "Ce que nous devons savoir", "precisions"),
            ],
            "fields": {"service": {"widget": "select"}, "precisions": {"widget": "textarea"}},
        },
        "translations": ENROLMENT_IN_ENGLISH,
    }


ABSENCE: Json = {
    "id": "absence-justifiee",
    "thematic": "Absences",
    "name": "Justifier une absence",
    "instructions": (
        "Indiquez les jours d'absence et joignez le justificatif sous 48 heures : "
        "les jours retenus ne seront pas facturés."
    ),
    "form": form(["du", "au"], [], du=day("Premier jour d'absence"), au=day("Dernier jour d'absence")),
    "about_child": True,
    "attachments": [paper("justificatif", "Justificatif", mandatory=True)],
    "effect": {"kind": "absence_proof", "fields": {"starts": "du", "ends": "au"}},
    "audience": {"who": "enrolled"},
    "keep_days": 60,
    "processing_days": 2,
    "translations": english(
        "Absences",
        "Prove an absence",
        titles={"du": "First day of absence", "au": "Last day of absence"},
        attachments={"justificatif": "Proof"},
    ),
}


QUESTION: Json = {
    "id": "question",
    "thematic": "Contact",
    "name": "Poser une question",
    "instructions": "Le service enfance répond dans votre espace, sous trois jours ouvrés.",
    "form": form(["objet", "question"], [], objet=text("Objet", 120), question=text("Votre question", 4000)),
    "about_child": False,
    "attachments": [paper("document", "Document", mandatory=False)],
    "processing_days": 3,
    "ui": {
        "fields": {
            "question": {"widget": "textarea"},
            "objet": other_words(required="Dites en quelques mots de quoi il s'agit."),
        }
    },
    "translations": english(
        "Contact",
        "Ask a question",
        titles={"objet": "Subject", "question": "Your question"},
        messages={"objet": {"required": "Say in a few words what it is about."}},
        attachments={"document": "Document"},
    ),
}
