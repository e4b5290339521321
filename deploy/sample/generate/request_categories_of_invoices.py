"""What families may ask about invoices: to pay them by direct debit, to have a line looked at again."""

from typing import Any

from deploy.sample.generate.request_forms import STUDY, STUDY_IN_ENGLISH, day, english, form, labelled, paper, text

Json = dict[str, Any]


def mandate(offices: dict[str, str]) -> Json:
    return {
        "id": "prelevement-automatique",
        "thematic": "Factures",
        "name": "Payer par prélèvement automatique",
        "instructions": (
            "Imprimez le mandat de prélèvement, signez-le et joignez-le avec un relevé d'identité bancaire. "
            "Vous pouvez aussi signer en ligne, depuis vos factures. Le numéro de compte n'est lu que par la régie."
        ),
        "form": form(
            ["regie", "titulaire", "iban", "signe_le"],
            [],
            regie=labelled("Régie", offices),
            titulaire=text("Titulaire du compte", 70),
            iban={"type": "string", "title": "IBAN", "format": "iban", "maxLength": 42},
            signe_le=day("Mandat signé le"),
        ),
        "about_child": False,
        "attachments": [
            paper("mandat", "Mandat SEPA signé", mandatory=True),
            paper("rib", "Relevé d'identité bancaire", mandatory=True),
        ],
        "effect": {
            "kind": "mandate",
            "fields": {"cash_office": "regie", "holder": "titulaire", "iban": "iban", "signed_on": "signe_le"},
        },
        "keep_days": 365,
        "processing_days": 5,
        "workflow": STUDY,
        "ui": {
            "fields": {
                "iban": {"placeholder": "FR76 …", "help": "Il figure sur votre relevé d'identité bancaire."},
                "signe_le": {"prefill": "today"},
            }
        },
        "translations": english(
            "Invoices",
            "Pay by direct debit",
            titles={
                "regie": "Cash office",
                "titulaire": "Account holder",
                "iban": "IBAN",
                "signe_le": "Mandate signed on",
            },
            steps=STUDY_IN_ENGLISH,
            attachments={"mandat": "Signed SEPA mandate", "rib": "Bank details (RIB)"},
        ),
    }


CONTEST: Json = {
    "id": "contester-une-facture",
    "thematic": "Factures",
    "name": "Contester une ligne de facture",
    "instructions": (
        "Ouvrez la ligne dans votre facture et choisissez « Contester » : la facture, la ligne et ses raisons sont "
        "alors remplies pour vous. Le régisseur vous répond ici."
    ),
    "form": form(
        ["facture", "raison"],
        [],
        facture=text("Numéro de la facture", 40),
        ligne=text("Ligne de la facture", 10),
        raison=text("Ce que vous contestez", 2000),
        detail=text("Ce que la mairie sait de cette ligne", 2500),
    ),
    "about_child": False,
    "attachments": [paper("document", "Document", mandatory=False)],
    "effect": {
        "kind": "contest",
        "fields": {"invoice": "facture", "line": "ligne", "words": "raison", "trail": "detail"},
    },
    "processing_days": 10,
    "ui": {"fields": {"raison": {"widget": "textarea"}, "detail": {"widget": "textarea"}}},
    "translations": english(
        "Invoices",
        "Contest a line of an invoice",
        titles={
            "facture": "Number of the invoice",
            "ligne": "Line of the invoice",
            "raison": "What you contest",
            "detail": "What the town hall knows of this line",
        },
        attachments={"document": "Document"},
    ),
}
