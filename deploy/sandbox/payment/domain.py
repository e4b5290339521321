"""What PayFiP accepts and how long it remembers.

Sources: the web service's WSDL, the guide for cash offices of June 2020 (version 19) as its clients quote it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

LIFETIME = timedelta(minutes=15)
REMEMBERED_UNPAID = timedelta(hours=24)
SMALLEST_CENTS, LARGEST_CENTS = 1_00, 100_000_00
UNKNOWN_CLIENTS = "999"
"""Client numbers that start so are unknown here, so that the refusal can be tried."""

Result = Literal["paid", "refused", "abandoned", "debited", "debit_refused"]
RESULT_CODES: Mapping[Result, str] = {
    "paid": "P",
    "refused": "R",
    "abandoned": "A",
    "debited": "V",
    "debit_refused": "Z",
}
FINAL: frozenset[Result] = frozenset({"paid", "debited"})

LABELS = {
    "S1": "Le mode de saisie n'est pas valide",
    "T1": "Le numéro de client n'est pas valide",
    "T2": "Le numéro de client est inconnu",
    "E1": "L'exercice n'est pas valide",
    "R3": "Le format de la référence de dette n'est pas conforme",
    "M1": "Le format du montant n'est pas correct",
    "M3": "Le montant est inférieur à un euro",
    "M5": "Le montant dépasse la limite autorisée",
    "A1": "L'adresse de courriel manque",
    "A2": "L'adresse de courriel est incorrecte",
    "N1": "L'adresse de notification n'est pas valide",
    "D1": "L'adresse de redirection n'est pas valide",
    "P1": "L'identifiant d'opération est inconnu",
    "P3": "Cette opération a déjà été payée",
    "P4": "L'identifiant d'opération date de plus de quinze minutes",
    "P5": "Le résultat de la transaction n'est pas encore connu",
    "C1": "Le formulaire n'est pas signé par la boutique, ou un champ manque",
}


class Refusal(Exception):
    """A functional fault with its code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code, self.label = code, LABELS[code]


@dataclass(frozen=True, kw_only=True)
class PaymentOrder:
    """What the cash office asks for, under the contract's own names; `montant` in cents."""

    numcli: str
    saisie: str
    exer: str
    refdet: str
    montant: int
    mel: str
    objet: str
    urlnotif: str
    urlredirect: str


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """`told_cents`: what the bank says was paid, when that is not what was asked."""

    result: Result
    numauto: str
    at: datetime
    told_cents: int | None = None


@dataclass(frozen=True, kw_only=True)
class Payment:
    idop: str
    order: PaymentOrder
    created_at: datetime
    outcome: Outcome | None = None

    @property
    def expires_at(self) -> datetime:
        return self.created_at + LIFETIME


RULES: tuple[tuple[str, str, str], ...] = (
    ("saisie", "S1", r"[TXW]"),
    ("numcli", "T1", r"\d{6}"),
    ("numcli", "T2", rf"(?!{UNKNOWN_CLIENTS}).*"),
    ("exer", "E1", r"20\d{2}"),
    ("refdet", "R3", r"[A-Za-z0-9]{1,30}"),
    ("montant", "M1", r"\d{1,12}"),
    ("mel", "A1", r".+"),
    ("mel", "A2", r"(?=.{6,80}$)[^@\s]+@[^@\s]+\.[^@\s]+"),
    ("urlnotif", "N1", r"https?://\S+"),
    ("urlredirect", "D1", r"https?://\S+"),
)


def read_order(fields: Mapping[str, str]) -> PaymentOrder:
    """The order these fields make, or the refusal of the first that is wrong."""
    for name, code, pattern in RULES:
        if not re.fullmatch(pattern, fields.get(name, "")):
            raise Refusal(code)
    montant = int(fields["montant"])
    if montant < SMALLEST_CENTS:
        raise Refusal("M3")
    if montant > LARGEST_CENTS:
        raise Refusal("M5")
    texts = {name: fields.get(name, "") for name in PaymentOrder.__annotations__ if name != "montant"}
    return PaymentOrder(montant=montant, **texts)


def check_client(numcli: str) -> None:
    for code, pattern in [(code, pattern) for name, code, pattern in RULES if name == "numcli"]:
        if not re.fullmatch(pattern, numcli):
            raise Refusal(code)


def check_open(payment: Payment, now: datetime, *, late: bool = False) -> None:
    """A refused or abandoned payment may be tried again until its idOp expires; a paid one is done."""
    if payment.outcome is not None and payment.outcome.result in FINAL:
        raise Refusal("P3")
    if now > payment.expires_at and not late:
        raise Refusal("P4")


def settle(payment: Payment, outcome: Outcome, *, late: bool = False) -> Payment:
    check_open(payment, outcome.at, late=late)
    return replace(payment, outcome=outcome)


def is_forgotten(payment: Payment, now: datetime) -> bool:
    """The nightly clean-up drops what never had a result."""
    return payment.outcome is None and now > payment.created_at + REMEMBERED_UNPAID
