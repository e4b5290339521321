"""What families are told before it is too late, and when an address of theirs does not work."""

from services.notifications.domain.bounce_words import WHY
from tests.notifications.samples import RECIPIENT
from tests.notifications.samples_of_endings import AWAITED, ENDING, UNREACHABLE
from tests.notifications.test_domain_mails import ENGLISH, subject, words, written
from tests.notifications.test_domain_messages import body, title


def test_an_offer_about_to_end_says_until_when_on_the_town_s_clock_and_what_follows() -> None:
    message = written(ENDING)
    said = words(message, "plain")

    assert subject(message) == "Sainte-Aurore : la place de Zoé pour Repas n’est plus gardée que peu de temps"
    assert "samedi 21 novembre 2026 à 10:00" in said
    assert "mercredi 2 décembre 2026" in said
    assert "https://preau.example/attente" in said
    assert "Acceptez-la ou déclinez-la" in body(ENDING)


def test_a_child_without_a_name_is_still_somebody_s() -> None:
    nameless = ENDING.model_copy(update={"child_first_name": ""})

    assert "votre enfant" in words(written(nameless), "plain")


def test_a_request_that_waits_names_itself_the_day_and_its_page() -> None:
    said = words(written(AWAITED), "plain")

    assert "« Justificatif de quotient familial »" in subject(written(AWAITED))
    assert "vendredi 13 novembre 2026" in said
    assert "https://preau.example/demandes/req_sample" in said
    assert title(AWAITED) == "Une demande vous attend"
    assert "waits for what" in words(written(AWAITED, recipient=ENGLISH), "plain")


def test_a_family_reads_why_mail_does_not_reach_an_address_and_what_to_do() -> None:
    for reason, why in WHY.items():
        said = body(UNREACHABLE.model_copy(update={"reason": reason}), language="en")
        assert why in said
        assert "another try" in said
        assert "@" not in said.replace(WHY["no_such_domain"], "")
    assert "Corrigez l’adresse" in body(UNREACHABLE)
    assert RECIPIENT.address not in body(UNREACHABLE)
