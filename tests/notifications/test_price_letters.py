"""What families read about their quotient: in the mail and in their space."""

from tests.notifications.samples_of_prices import INVITED, REFRESHED
from tests.notifications.test_domain_mails import subject, words, written
from tests.notifications.test_town_letters import message


def test_a_missing_quotient_says_what_it_costs_and_how_to_give_it() -> None:
    letter = written(INVITED)
    read = words(letter, "plain").replace("\u00a0", " ").replace("\u202f", " ")

    assert subject(letter) == "Sainte-Aurore : votre quotient familial manque"
    assert "jusqu’à 37,80 € de moins" in read
    assert "/demandes" in read
    assert "les prix les plus élevés" in message(INVITED)


def test_nothing_is_promised_to_who_had_no_day() -> None:
    assert "de moins" not in words(written(INVITED.model_copy(update={"up_to_cents": 0})), "plain")


def test_a_changed_quotient_says_from_when_it_counts_and_not_what_it_is() -> None:
    read = words(written(REFRESHED), "plain")

    assert "mardi 1er décembre 2026" in read
    assert "622" not in read
    assert "1er décembre 2026" in message(REFRESHED)
