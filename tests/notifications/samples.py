"""One town, one family and the events that concern them."""

import base64
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeVar

import jinja2

from services.notifications.domain.copies import Guardian, Household, Names, Recipient, Town
from services.notifications.domain.messages import Mail, mail_for
from services.notifications.domain.post import Letterpress
from shared.contracts import Event, Told
from shared.contracts.billing import InvoiceDocument, InvoiceIssued, InvoicesPaid, PaymentFailed
from shared.contracts.households import ChangeAnswered, ReconfirmationAsked
from shared.contracts.identity import (
    HouseholdProfiled,
    InvitationIssued,
    LinkIssued,
    MunicipalitySet,
    ProfiledChild,
    ProfiledGuardian,
)
from shared.contracts.requests import AnswerWritten
from shared.contracts.reservations import (
    BookingCancelled,
    BookingConfirmed,
    HeldLine,
    PlacesLost,
    PlacesReleased,
    ProgrammeActivity,
    ProgrammePublished,
    SheetDay,
)
from shared.contracts.reservations_of_waiting import WaitingListLeft, WaitingOfferLetter, WaitingPlaceOffered
from shared.contracts.reservations_weeks import MissedDay, RemindedDay, UsualWeekMissed, UsualWeekReminder
from shared.i18n import Catalogues

E = TypeVar("E", bound=Event)
NOW = datetime(2025, 11, 20, 9, 0, tzinfo=UTC)
SERVICE = Path("services/notifications")
CATALOGUES = Catalogues(SERVICE)
PDF = b"%PDF-1.7 an invoice"

TOWN = Town(
    id="sainte-aurore",
    name="Sainte-Aurore",
    time_zone="Europe/Paris",
    contact_email="enfance@sainte-aurore.example",
    contact_phone="01 23 45 67 89",
    contact_address="1 place de la Mairie, 99100 Sainte-Aurore",
    services=("Restaurant scolaire", "Accueil périscolaire"),
)
ANNA = Guardian(id="grd_1", first_name="Anna", last_name="Martin", email="anna@example.org")
LEO = Guardian(id="grd_2", first_name="Léo", last_name="Martin", email="leo@example.org")
HOUSEHOLD = Household(
    id="hsh_1",
    municipality_ids=("sainte-aurore",),
    language="fr",
    guardians=(ANNA, LEO),
    children={"chd_1": "Zoé"},
)
NAMES = Names(
    towns={"sainte-aurore": "Sainte-Aurore"},
    children={"chd_1": "Zoé"},
    programmes={"sainte-aurore.restaurant": "Restaurant scolaire"},
    activities={"sainte-aurore.repas": "REPAS", "sainte-aurore.pai": "PAI"},
    news={"nws_1": "Fermeture exceptionnelle"},
)
RECIPIENT = Recipient(id="grd_1", address="anna@example.org", name="Anna Martin", language="fr")

SET = MunicipalitySet(
    municipality_id="sainte-aurore",
    name="Sainte-Aurore",
    time_zone="Europe/Paris",
    school_zone="B",
    public_holidays="metropole",
    contact_email="enfance@sainte-aurore.example",
    contact_phone="01 23 45 67 89",
    contact_address="1 place de la Mairie, 99100 Sainte-Aurore",
    opening_view="agenda",
    services=("Restaurant scolaire", "Accueil périscolaire"),
)
PROFILED = HouseholdProfiled(
    household_id="hsh_1",
    name="MARTIN",
    municipality_ids=("sainte-aurore",),
    guardians=(
        ProfiledGuardian(
            guardian_id="grd_1", civility="Mme", first_name="Anna", last_name="Martin", email="anna@example.org"
        ),
        ProfiledGuardian(guardian_id="grd_2", civility="M.", first_name="Léo", last_name="Martin", email=None),
    ),
    children=(ProfiledChild(child_id="chd_1", first_name="Zoé", last_name="Martin", birth_date=date(2018, 3, 4)),),
)
PROGRAMME = ProgrammePublished(
    municipality_id="sainte-aurore",
    programme_id="sainte-aurore.restaurant",
    name="Restaurant scolaire",
    billing_mode="postpaid",
    regulation_version=1,
    activities=(
        ProgrammeActivity(activity_id="sainte-aurore.repas", name="REPAS"),
        ProgrammeActivity(activity_id="sainte-aurore.pai", name="PAI"),
    ),
)
INVITED = InvitationIssued(
    invitation_id="ivt_1",
    municipality_id="sainte-aurore",
    kind="family",
    email="anna+enfants@example.org",
    code="A1B2C3D4E5",
    expires_at=datetime(2026, 12, 20, 22, 59, tzinfo=UTC),
    addressee="famille Martin",
)
LINK = LinkIssued(
    link_id="9f86d081884c7d65",
    kind="reset_password",
    email="anna@example.org",
    addressee="Anna Martin",
    token="a-token-_~of-the-link",
    expires_at=datetime(2025, 11, 20, 10, 0, tzinfo=UTC),
)
BOOKED = BookingConfirmed(
    municipality_id="sainte-aurore",
    household_id="hsh_1",
    child_id="chd_1",
    programme_id="sainte-aurore.restaurant",
    month="2026-11",
    billing_mode="postpaid",
    regulation_version=1,
    days=(
        SheetDay(activity_id="sainte-aurore.repas", date=date(2026, 11, 24)),
        SheetDay(activity_id="sainte-aurore.repas", date=date(2026, 11, 23)),
        SheetDay(activity_id="sainte-aurore.pai", date=date(2026, 11, 26)),
    ),
)
CANCELLED = BookingCancelled(
    municipality_id="sainte-aurore",
    household_id="hsh_1",
    child_id="chd_1",
    programme_id="sainte-aurore.restaurant",
    month="2026-11",
    billing_mode="postpaid",
    regulation_version=1,
    kind="in_time",
    days=(SheetDay(activity_id="sainte-aurore.repas", date=date(2026, 11, 24)),),
)
RELEASED = PlacesReleased(order_id="ord_1", municipality_id="sainte-aurore", household_id="hsh_1", reason="expired")
LOST = PlacesLost(
    order_id="ord_1",
    municipality_id="sainte-aurore",
    household_id="hsh_1",
    lines=(
        HeldLine(
            child_id="chd_1",
            programme_id="sainte-aurore.restaurant",
            activity_id="sainte-aurore.repas",
            date=date(2026, 11, 25),
        ),
    ),
)
INVOICED = InvoiceIssued(
    invoice_id="inv_1",
    number="2026-RR-000042",
    household_id="hsh_1",
    municipality_id="sainte-aurore",
    cash_office_id="sainte-aurore.regie-restauration",
    month="2026-10",
    total_cents=7049,
    due_date=date(2026, 12, 5),
)
DOCUMENT = InvoiceDocument(
    invoice_id="inv_1",
    number="2026-RR-000042",
    household_id="hsh_1",
    municipality_id="sainte-aurore",
    cash_office_name="Régie restauration",
    month="2026-10",
    total_cents=7049,
    due_date=date(2026, 12, 5),
    filename="facture-2026-RR-000042.pdf",
    pdf_base64=base64.b64encode(PDF).decode(),
)
PAID = InvoicesPaid(
    payment_id="pay_1",
    household_id="hsh_1",
    municipality_id="sainte-aurore",
    invoice_ids=("inv_1",),
    amount_cents=7049,
    paid_at=datetime(2026, 11, 20, 9, 30, tzinfo=UTC),
    invoice_numbers=("2026-RR-000042",),
)
FAILED = PaymentFailed(payment_id="pay_1", household_id="hsh_1", municipality_id="sainte-aurore", reason="expired")
ANSWERED = AnswerWritten(
    request_id="req_1",
    household_id="hsh_1",
    municipality_id="sainte-aurore",
    category_name="Autoriser une personne",
    decision="accepted",
    message="C'est noté.\nBonne journée.",
)
CHANGE_ANSWERED = ChangeAnswered(
    change_id="chg_1",
    household_id="hsh_1",
    municipality_id="sainte-aurore",
    kind="custody",
    accepted=False,
    reason="Il manque la décision du juge.",
)
RECONFIRM = ReconfirmationAsked(household_id="hsh_1", municipality_id="sainte-aurore", until=date(2026, 12, 15), at=NOW)

WEEK_MISSED = UsualWeekMissed(
    municipality_id="sainte-aurore",
    household_id="hsh_1",
    child_id="chd_1",
    programme_id="sainte-aurore.restaurant",
    days=(MissedDay(activity_id="sainte-aurore.repas", date=date(2026, 11, 30)),),
    until=datetime(2026, 11, 26, 9, 0, tzinfo=UTC),
)
REMINDER = UsualWeekReminder(
    reminder_id="rem_1",
    municipality_id="sainte-aurore",
    household_id="hsh_1",
    child_id="chd_1",
    programme_id="sainte-aurore.restaurant",
    child_first_name="Zoé",
    programme_name="Restaurant scolaire",
    days=(
        RemindedDay(activity_name="REPAS", date=date(2026, 11, 30)),
        RemindedDay(activity_name="REPAS", date=date(2026, 12, 3)),
    ),
    until=datetime(2026, 11, 26, 9, 0, tzinfo=UTC),
    token="pQ2m8Zr5vT1xW9cK4bN7hJ0sLdF3gYaEuRiOqXyHkMw",
)

OFFERED = WaitingPlaceOffered(
    municipality_id="sainte-aurore",
    household_id="hsh_1",
    child_id="chd_1",
    programme_id="sainte-aurore.restaurant",
    activity_id="sainte-aurore.repas",
    date=date(2026, 12, 2),
    entry_id="wtl_1",
    offer_id="wof_1",
    expires_at=datetime(2026, 11, 21, 9, 0, tzinfo=UTC),
)
OFFER_LETTER = WaitingOfferLetter(
    municipality_id="sainte-aurore",
    household_id="hsh_1",
    child_id="chd_1",
    child_first_name="Zoé",
    programme_id="sainte-aurore.restaurant",
    activity_id="sainte-aurore.repas",
    activity_name="REPAS",
    date=date(2026, 12, 2),
    offer_id="wof_1",
    prepaid=False,
    token="xJ7v0q2mZrT4c8Yd1KfWb3nHs6PeLuAa9GiRoVtQyEw",
    expires_at=datetime(2026, 11, 21, 9, 0, tzinfo=UTC),
)
LIST_LEFT = WaitingListLeft(
    municipality_id="sainte-aurore",
    household_id="hsh_1",
    child_id="chd_1",
    activity_id="sainte-aurore.repas",
    date=date(2026, 12, 2),
    entry_id="wtl_1",
    reason="expired",
)


def told(event: E, *, event_id: str = "0192f0c0000070008000000000000001", sequence: int = 1) -> Told[E]:
    """As the consumer hands it to a use case."""
    return Told(
        event=event,
        id=event_id,
        subject="subject",
        sequence=sequence,
        municipality_id="sainte-aurore",
        time=NOW,
    )


def mail(event: Event, recipient: Recipient = RECIPIENT, *, event_id: str = "0192f0c0000070008000000000000001") -> Mail:
    return mail_for(told(event, event_id=event_id), recipient, household_id="hsh_1")


def letterpress(sender: str = "Préau <ne-pas-repondre@preau.example>") -> Letterpress:
    return Letterpress(
        jinja2.FileSystemLoader(SERVICE / "templates"),
        CATALOGUES,
        sender=sender,
        portal_url="https://preau.example",
    )
