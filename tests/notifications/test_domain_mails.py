"""The mails as families and agents read them."""

from dataclasses import replace
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from urllib.parse import parse_qs, urlsplit

import jinja2
import pytest

from services.notifications.domain.copies import Recipient, Town
from services.notifications.domain.letters import LETTERS, Desk, letter_of
from services.notifications.domain.post import UnusableAddress, one_line
from services.notifications.domain.stationery import Stationery
from services.notifications.domain.wording import words_of
from shared.contracts import Event
from tests.notifications.samples import (
    ANSWERED,
    BOOKED,
    CATALOGUES,
    DOCUMENT,
    INVITED,
    NAMES,
    NOW,
    PAID,
    PDF,
    PROGRAMME,
    RECIPIENT,
    TOWN,
    letterpress,
    mail,
)

MAILED = [INVITED, INVITED.model_copy(update={"kind": "agent"}), DOCUMENT, PAID, ANSWERED]
ENGLISH = replace(RECIPIENT, language="en")
DESK = Desk(town=TOWN, recipient=RECIPIENT, portal_url="https://preau.example/", sender="ne-pas-repondre@preau.example")


def written(event: Event, *, recipient: Recipient = RECIPIENT, town: Town = TOWN) -> EmailMessage:
    """The mail as it comes out of the wire at the other end."""
    sent = letterpress().write(mail(event, recipient), Stationery(town=town), at=NOW)
    received = message_from_bytes(sent.as_bytes(), policy=default)
    assert isinstance(received, EmailMessage)
    return received


def words(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\u00a0", " ").replace("\u202f", " ")


def subject(message: EmailMessage) -> str:
    return str(message["Subject"]).replace("\u00a0", " ")


@pytest.mark.parametrize("event", MAILED, ids=lambda event: type(event).__name__)
@pytest.mark.parametrize("kind", ["plain", "html"])
def test_every_mail_names_the_town_and_how_to_reach_it(event: Event, kind: str) -> None:
    body = words(written(event), kind)

    for wanted in (TOWN.name, TOWN.contact_email, TOWN.contact_phone, TOWN.contact_address):
        assert wanted in body


@pytest.mark.parametrize("event", MAILED, ids=lambda event: type(event).__name__)
def test_every_mail_exists_as_text_and_as_html_in_one_message(event: Event) -> None:
    message = written(event)

    assert words(message, "plain").strip()
    assert words(message, "html").startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("event", MAILED, ids=lambda event: type(event).__name__)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_mail_says_its_language_to_screen_readers(event: Event, language: str) -> None:
    message = written(event, recipient=replace(RECIPIENT, language=language))

    assert f'<html lang="{language}">' in words(message, "html")
    assert message["Content-Language"] == language


@pytest.mark.parametrize("event", MAILED, ids=lambda event: type(event).__name__)
def test_no_mail_loads_anything_from_elsewhere(event: Event) -> None:
    html = words(written(event), "html")

    assert "<img" not in html
    assert "<link" not in html
    assert "@import" not in html
    assert "src=" not in html


def test_the_invitation_is_about_joining_a_service_of_the_town() -> None:
    assert subject(written(INVITED)) == "Adhésion à un service sur Préau — Sainte-Aurore"


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_the_invitation_lists_the_services_of_the_town(kind: str) -> None:
    body = words(written(INVITED), kind)

    assert "Restaurant scolaire" in body
    assert "Accueil périscolaire" in body


def test_the_invitation_warns_about_the_spam_folder_and_names_the_sender() -> None:
    body = words(written(INVITED), "plain")

    assert "indésirables" in body
    assert "ne-pas-repondre@preau.example" in body


def test_the_invitation_says_until_when_it_is_valid_on_the_town_s_clock() -> None:
    assert "dimanche 20 décembre 2026 à 23:59" in words(written(INVITED), "plain")


def test_an_overseas_town_s_invitation_is_valid_until_its_own_midnight() -> None:
    island = replace(TOWN, time_zone="Indian/Reunion")

    assert "lundi 21 décembre 2026 à 02:59" in words(written(INVITED, town=island), "plain")


@pytest.mark.parametrize(("kind", "page"), [("family", "/createAccount"), ("agent", "/createAgent")])
def test_the_invitation_s_link_carries_code_and_address_encoded(kind: str, page: str) -> None:
    letter = letter_of(INVITED.model_copy(update={"kind": kind}), DESK)

    assert letter.action is not None
    link = urlsplit(letter.action[1])
    assert f"{link.scheme}://{link.netloc}{link.path}" == f"https://preau.example{page}"
    assert parse_qs(link.query) == {"activationCode": ["A1B2C3D4E5"], "email": ["anna+enfants@example.org"]}


def test_the_plus_of_an_address_survives_the_link() -> None:
    assert "email=anna%2Benfants%40example.org" in words(written(INVITED), "plain")


def test_an_agent_is_invited_in_other_words() -> None:
    message = written(INVITED.model_copy(update={"kind": "agent"}))

    assert subject(message) == "Votre compte d’agent sur Préau — Sainte-Aurore"
    assert "Restaurant scolaire" not in words(message, "plain")


def test_the_invoice_comes_as_a_pdf_file() -> None:
    (attached,) = written(DOCUMENT).iter_attachments()

    assert attached.get_filename() == "facture-2026-RR-000042.pdf"
    assert attached.get_content_type() == "application/pdf"
    assert attached.get_content() == PDF


def test_the_invoice_says_its_number_month_amount_and_due_date() -> None:
    message = written(DOCUMENT)
    body = words(message, "plain")

    assert subject(message) == "Sainte-Aurore : facture 2026-RR-000042 (octobre 2026)"
    for wanted in ("70,49 €", "samedi 5 décembre 2026", "Régie restauration", "octobre 2026"):
        assert wanted in body


def test_the_receipt_says_amount_day_and_which_invoices() -> None:
    body = words(written(PAID), "plain")

    for wanted in ("70,49 €", "vendredi 20 novembre 2026 à 10:30", "2026-RR-000042", "pay_1"):
        assert wanted in body


def test_a_receipt_of_unknown_invoice_numbers_leaves_the_line_out() -> None:
    assert "Factures" not in words(written(PAID.model_copy(update={"invoice_numbers": ()})), "plain")


@pytest.mark.parametrize(("decision", "word"), [("accepted", "acceptée"), ("refused", "refusée")])
def test_the_answer_says_the_decision_and_the_town_s_own_words(decision: str, word: str) -> None:
    message = written(ANSWERED.model_copy(update={"decision": decision}))

    assert subject(message) == "Sainte-Aurore : réponse à votre demande « Autoriser une personne »"
    assert word in words(message, "plain")
    assert "C'est noté.\nBonne journée." in words(message, "plain").replace("\r\n", "\n")


def test_a_family_that_reads_english_gets_english() -> None:
    message = written(DOCUMENT, recipient=ENGLISH)

    assert subject(message) == "Sainte-Aurore: invoice 2026-RR-000042 (October 2026)"
    assert "€70.49" in words(message, "plain")
    assert "Saturday 5 December 2026" in words(message, "plain")


def test_markup_in_a_town_s_words_is_shown_and_not_obeyed() -> None:
    html = words(written(ANSWERED.model_copy(update={"message": "<script>alert(1)</script>"})), "html")

    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_a_percent_sign_in_a_name_is_only_a_sign() -> None:
    town = replace(TOWN, name="100 %(town)s")

    assert "100 %(town)s" in words(written(INVITED, town=town), "plain")


@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r", "\u2028", "\x0b", "\x00"])
def test_a_line_end_in_a_name_injects_no_header(ending: str) -> None:
    evil = f"Anna{ending}Bcc: thief@example.net"

    message = written(INVITED, recipient=replace(RECIPIENT, name=evil), town=replace(TOWN, name=evil))

    assert message["Bcc"] is None
    assert message["To"].addresses[0].addr_spec == "anna@example.org"
    assert subject(message).endswith("Anna Bcc: thief@example.net")


@pytest.mark.parametrize("ending", ["\r\n", "\n"])
def test_a_line_end_in_a_subject_injects_no_header(ending: str) -> None:
    message = written(ANSWERED.model_copy(update={"category_name": f"x{ending}Bcc: thief@example.net"}))

    assert message["Bcc"] is None


@pytest.mark.parametrize("ending", ["\r\n", "\n"])
def test_a_line_end_in_a_file_name_injects_no_header(ending: str) -> None:
    message = written(DOCUMENT.model_copy(update={"filename": f"a.pdf{ending}Bcc: thief@example.net"}))
    (attached,) = message.iter_attachments()

    assert message["Bcc"] is None
    assert attached["Bcc"] is None


@pytest.mark.parametrize(
    "address", ["", "nobody", "a@b\r\nBcc: thief@example.net", "a@b, c@d", "a b@example.org", "@", "<a@b>"]
)
def test_what_is_no_address_is_refused_before_the_mail_server_sees_it(address: str) -> None:
    with pytest.raises(UnusableAddress):
        written(INVITED, recipient=replace(RECIPIENT, address=address))


def test_every_try_of_a_mail_has_the_same_message_id() -> None:
    first, second = (
        letterpress().write(
            replace(mail(PAID), attempts=attempts),
            Stationery(town=TOWN),
            at=datetime(2026, 11, 20, attempts, tzinfo=UTC),
        )
        for attempts in (1, 2)
    )

    assert first["Message-ID"] == second["Message-ID"] == f"<{mail(PAID).id}@preau.example>"


def test_two_recipients_of_one_event_have_different_message_ids() -> None:
    other = replace(RECIPIENT, id="grd_2", address="leo@example.org")

    assert written(PAID)["Message-ID"] != written(PAID, recipient=other)["Message-ID"]


def test_the_sender_is_the_town_by_name_and_the_platform_by_address() -> None:
    sender = written(INVITED)["From"].addresses[0]

    assert sender.addr_spec == "ne-pas-repondre@preau.example"
    assert sender.display_name == "Sainte-Aurore (Préau)"


def test_holiday_notices_are_told_not_to_answer() -> None:
    assert written(INVITED)["Auto-Submitted"] == "auto-generated"


def test_a_bare_sender_address_will_do() -> None:
    sent = letterpress("post@preau.example").write(mail(PAID), Stationery(town=TOWN), at=NOW)

    assert sent["From"].addresses[0].addr_spec == "post@preau.example"


def test_a_guardian_without_a_name_is_greeted_all_the_same() -> None:
    assert words(written(PAID, recipient=replace(RECIPIENT, name="")), "plain").startswith("Bonjour,")


def test_what_has_no_letter_of_its_own_is_mailed_in_the_words_of_the_inbox() -> None:
    assert type(BOOKED) not in LETTERS
    desk = replace(DESK, names=NAMES)

    assert letter_of(BOOKED, desk).opening == words_of(BOOKED, NAMES, "fr").body
    with pytest.raises(KeyError):
        letter_of(PROGRAMME, DESK)


def test_a_template_that_names_what_is_not_there_fails_instead_of_showing_a_gap() -> None:
    broken = jinja2.DictLoader({"letter.txt": "{{ nothing }}", "letter.html": ""})
    press = type(letterpress())(broken, CATALOGUES, sender="a@b.example", portal_url="")

    with pytest.raises(jinja2.UndefinedError):
        press.write(mail(PAID), Stationery(town=TOWN), at=NOW)


def test_one_line_keeps_accents_and_drops_control_characters() -> None:
    assert one_line("  Régie\t\r\n de\x00 l'École ") == "Régie de l'École"


def test_an_invoice_that_is_debited_asks_for_nothing() -> None:
    body = words(written(DOCUMENT.model_copy(update={"debit_on": date(2026, 12, 15)})), "plain")

    assert "mardi 15 décembre 2026" in body
    assert "rien à faire" in body
    assert "À payer" not in body


def test_an_invoice_that_credits_covered_asks_for_nothing_and_one_they_lowered_for_the_rest() -> None:
    covered = words(written(DOCUMENT.model_copy(update={"remaining_cents": 0})), "plain")
    lowered = words(written(DOCUMENT.model_copy(update={"remaining_cents": 4900})), "plain")

    assert "rien à faire" in covered
    assert "49,00 €" in lowered
    assert "70,49 €" not in lowered


def test_a_credit_note_is_no_invoice() -> None:
    credit = DOCUMENT.model_copy(update={"kind": "A", "total_cents": -830, "number": "A2026-000001"})
    message = written(credit)

    assert subject(message) == "Sainte-Aurore : avoir A2026-000001 (octobre 2026)"
    assert "8,30 €" in words(message, "plain")
    assert "À payer" not in words(message, "plain")
