"""The text of a mandate, as the rulebook words it, filled in with the creditor; what was read is what was signed."""

import hashlib
from dataclasses import dataclass

from services.billing.domain.debits.creditors import Creditor

# The rulebook's own wording (EPC016-06, annex VII, in its French and English versions): not for our catalogues.
TEXTS = {
    "fr": (
        "En signant ce formulaire de mandat, vous autorisez {name} à envoyer des instructions à votre banque pour "
        "débiter votre compte, et votre banque à débiter votre compte conformément aux instructions de {name}.",
        "Vous bénéficiez du droit d’être remboursé par votre banque selon les conditions décrites dans la convention "
        "que vous avez passée avec elle. Une demande de remboursement doit être présentée dans les 8 semaines suivant "
        "la date de débit de votre compte pour un prélèvement autorisé, et sans tarder, au plus tard dans les 13 mois, "
        "en cas de prélèvement non autorisé.",
        "Chaque prélèvement vous est annoncé au moins {notice} jours avant sa date. Vous pouvez révoquer ce mandat à "
        "tout moment ; il expire s’il n’a donné lieu à aucun prélèvement pendant 36 mois.",
    ),
    "en": (
        "By signing this mandate form, you authorise {name} to send instructions to your bank to debit your account "
        "and your bank to debit your account in accordance with the instructions from {name}.",
        "As part of your rights, you are entitled to a refund from your bank under the terms and conditions of your "
        "agreement with your bank. A refund must be claimed within 8 weeks starting from the date on which your "
        "account was debited for an authorised debit, and without delay, within 13 months at the latest, for an "
        "unauthorised one.",
        "Each debit is announced to you at least {notice} days before its date. You may revoke this mandate at any "
        "time; it lapses when nothing was debited under it for 36 months.",
    ),
}


@dataclass(frozen=True, kw_only=True)
class Consent:
    """`version`: names this very text in its French wording, which is the one that binds."""

    version: str
    paragraphs: tuple[str, ...]


def consent_to(creditor: Creditor, language: str) -> Consent:
    binding = _filled(creditor, "fr")
    facts = "\n".join((*binding, creditor.name, creditor.ics))
    version = hashlib.sha256(facts.encode()).hexdigest()[:16]
    return Consent(version=version, paragraphs=_filled(creditor, language) if language in TEXTS else binding)


def _filled(creditor: Creditor, language: str) -> tuple[str, ...]:
    return tuple(text.format(name=creditor.name, notice=creditor.notice_days) for text in TEXTS[language])
