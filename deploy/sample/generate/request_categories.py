"""What families may ask the town hall for, with the form and the papers of each."""

from typing import Any

Json = dict[str, Any]


def _text(title: str, longest: int) -> Json:
    return {"type": "string", "title": title, "minLength": 1, "maxLength": longest}


def _day(title: str) -> Json:
    return {"type": "string", "title": title, "format": "date"}


def _choice(title: str, *values: str) -> Json:
    return {"type": "string", "title": title, "enum": list(values)}


def _form(required: list[str], **properties: Json) -> Json:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _paper(slot: str, name: str, *, mandatory: bool) -> Json:
    return {"slot": slot, "name": name, "mandatory": mandatory}


CATEGORIES: list[Json] = [
    {
        "id": "personne-autorisee",
        "thematic": "Périscolaire",
        "name": "Autoriser une personne à récupérer l'enfant",
        "instructions": (
            "Indiquez qui pourra venir chercher votre enfant, et à partir de quel jour. "
            "Une pièce d'identité de cette personne est demandée."
        ),
        "form": _form(
            ["nom", "prenom", "telephone", "lien", "a_partir_du"],
            nom=_text("Nom de la personne", 80),
            prenom=_text("Prénom de la personne", 80),
            telephone=_text("Téléphone", 20),
            lien=_choice("Lien avec l'enfant", "Grand-parent", "Autre membre de la famille", "Voisin ou ami", "Autre"),
            a_partir_du=_day("À partir du"),
            jusqu_au=_day("Jusqu'au (facultatif)"),
        ),
        "about_child": True,
        "attachments": [
            _paper("piece-identite", "Pièce d'identité de la personne", mandatory=True),
            _paper("courrier", "Courrier", mandatory=False),
        ],
    },
    {
        "id": "changement-quotient",
        "thematic": "Dossier famille",
        "name": "Signaler un changement de quotient familial",
        "instructions": (
            "Joignez l'attestation de quotient familial de moins de trois mois. "
            "Le nouveau tarif s'applique à partir du mois suivant."
        ),
        "form": _form(
            ["quotient", "organisme", "mois"],
            quotient={"type": "number", "title": "Nouveau quotient familial", "minimum": 0, "maximum": 100000},
            organisme=_choice("Organisme", "CAF", "MSA", "Autre"),
            mois=_day("Date de l'attestation"),
            commentaire={"type": "string", "title": "Commentaire (facultatif)", "maxLength": 1000},
        ),
        "about_child": False,
        "attachments": [_paper("attestation-quotient", "Attestation de quotient familial", mandatory=True)],
        "effect": {"kind": "quotient"},
    },
    {
        "id": "inscription",
        "thematic": "Inscriptions",
        "name": "Demander une inscription à un service",
        "instructions": (
            "L'inscription est faite par le service enfance après étude de votre demande. "
            "Vous pourrez ensuite réserver depuis votre espace."
        ),
        "form": _form(
            ["service", "a_partir_du"],
            service=_choice("Service demandé", "Restaurant scolaire", "Garderie", "Centre de loisirs", "Autre"),
            a_partir_du=_day("À partir du"),
            precisions={"type": "string", "title": "Précisions (facultatif)", "maxLength": 1000},
        ),
        "about_child": True,
        "attachments": [_paper("assurance", "Attestation d'assurance scolaire", mandatory=False)],
    },
    {
        "id": "absence-justifiee",
        "thematic": "Absences",
        "name": "Justifier une absence",
        "instructions": (
            "Indiquez les jours d'absence et joignez le justificatif sous 48 heures : "
            "les jours retenus ne seront pas facturés."
        ),
        "form": _form(["du", "au"], du=_day("Premier jour d'absence"), au=_day("Dernier jour d'absence")),
        "about_child": True,
        "attachments": [_paper("justificatif", "Justificatif", mandatory=True)],
        "effect": {"kind": "absence_proof", "fields": {"starts": "du", "ends": "au"}},
    },
    {
        "id": "contester-une-facture",
        "thematic": "Factures",
        "name": "Contester une ligne de facture",
        "instructions": (
            "Ouvrez la ligne dans votre facture et choisissez « Contester » : la facture, la ligne et ses raisons sont "
            "alors remplies pour vous. Le régisseur vous répond ici."
        ),
        "form": _form(
            ["facture", "raison"],
            facture=_text("Numéro de la facture", 40),
            ligne=_text("Ligne de la facture", 10),
            raison=_text("Ce que vous contestez", 2000),
            detail=_text("Ce que la mairie sait de cette ligne", 2500),
        ),
        "about_child": False,
        "attachments": [_paper("document", "Document", mandatory=False)],
        "effect": {
            "kind": "contest",
            "fields": {"invoice": "facture", "line": "ligne", "words": "raison", "trail": "detail"},
        },
    },
    {
        "id": "question",
        "thematic": "Contact",
        "name": "Poser une question",
        "instructions": "Le service enfance répond dans votre espace, sous trois jours ouvrés.",
        "form": _form(["objet", "question"], objet=_text("Objet", 120), question=_text("Votre question", 4000)),
        "about_child": False,
        "attachments": [_paper("document", "Document", mandatory=False)],
    },
]
