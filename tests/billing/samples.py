"""One town, one family, its tariff, and the events that concern them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from uuid import uuid4

from services.billing.domain.copies import Activity, Household, Person, Programme, Town
from services.billing.domain.families import Family, Quotient, new_family
from services.billing.domain.invoices import Draft, Invoice, InvoicedDay, InvoiceLine
from services.billing.domain.orders import Order, OrderLine
from services.billing.domain.paying.beginning import for_invoices
from services.billing.domain.payments import Payment
from services.billing.domain.prices import Price, price_for
from services.billing.domain.sheets import ChargeSheet
from services.billing.domain.tariffs import Audience, Bracket, CashOffice, Grid, Situation, Tariff
from services.billing.domain.tariffs.payers import Payer
from services.billing.settings import Settings
from shared.contracts import Event, Told
from shared.contracts.reservations import ClosedDay, MonthClosed, SheetClosed

E = TypeVar("E", bound=Event)

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
TOWN_ID = "sainte-aurore"
HOUSEHOLD_ID = "hsh_martin"
CHILD_ID = "chd_zoe"
MEAL, LATE_CARE, WEDNESDAY = "sainte-aurore.repas", "sainte-aurore.soir", "sainte-aurore.mercredi"
CANTEEN, CARE, LEISURE = "sainte-aurore.restaurant", "sainte-aurore.garderie", "sainte-aurore.loisirs"
MONTH = "2026-11"

TOWN = Town(
    id=TOWN_ID,
    name="Sainte-Aurore",
    time_zone="Europe/Paris",
    contact_email="mairie@sainte-aurore.example",
    contact_phone="04 00 00 00 00",
    contact_address="1 place de la Mairie\n38000 Sainte-Aurore",
)
PROGRAMMES = (
    Programme(
        id=CANTEEN,
        municipality_id=TOWN_ID,
        name="Restaurant scolaire",
        billing_mode="postpaid",
        activities=(Activity(id=MEAL, name="REPAS"),),
    ),
    Programme(
        id=CARE,
        municipality_id=TOWN_ID,
        name="Garderie",
        billing_mode="postpaid",
        activities=(Activity(id=LATE_CARE, name="16H30 A 18H30"),),
    ),
    Programme(
        id=LEISURE,
        municipality_id=TOWN_ID,
        name="Centre de loisirs",
        billing_mode="prepaid",
        activities=(Activity(id=WEDNESDAY, name="MERCREDI"),),
    ),
)
HOUSEHOLD = Household(
    id=HOUSEHOLD_ID,
    name="Martin",
    address="3 rue des Tilleuls\n38000 Sainte-Aurore",
    guardians=(
        Person(id="grd_1", civility="Mme", first_name="Claire", last_name="Martin", email="claire@courriel.example"),
        Person(id="grd_2", civility="M.", first_name="Paul", last_name="Martin"),
    ),
    children=(
        Person(id=CHILD_ID, first_name="Zoé", last_name="Martin"),
        Person(id="chd_hugo", first_name="Hugo", last_name="Martin"),
    ),
)


def brackets(*steps: tuple[str, str | None, int | str]) -> tuple[Bracket, ...]:
    return tuple(
        Bracket(lowest=Decimal(low), highest=Decimal(high) if high else None, cents=Decimal(cents))
        for low, high, cents in steps
    )


def grid(name: str, *activities: str, audience: Audience = "everyone", **changed: Any) -> Grid:
    plain = Grid(
        id=f"{TOWN_ID}.{name}",
        version=1,
        valid_from=date(2024, 9, 1),
        activities=activities or (MEAL,),
        audience=audience,
        brackets=brackets(("0", None, 415)),
    )
    return replace(plain, **changed)


BY_INCOME = brackets(("0", "622", 100), ("622.01", "1000", 330), ("1000.01", None, 415))
OFFICE = CashOffice(
    id=f"{TOWN_ID}.regie-restauration",
    name="Régie restauration",
    payfip_client="012345",
    structure_id="123456",
    programmes=(CANTEEN,),
    payment_days=30,
)
OTHER_OFFICE = replace(OFFICE, id=f"{TOWN_ID}.regie-enfance", name="Régie enfance", programmes=(CARE, LEISURE))
TARIFF = Tariff(
    id=TOWN_ID,
    cash_offices=(OFFICE, OTHER_OFFICE),
    grids=(
        grid("repas", audience="resident", brackets=BY_INCOME),
        grid("repas-exterieurs", brackets=brackets(("0", None, 560))),
        grid("soir", LATE_CARE, brackets=brackets(("0", None, 150))),
        grid("mercredi", WEDNESDAY, brackets=brackets(("0", None, 1200))),
    ),
)
FAMILY = replace(new_family(TOWN_ID, "F001"), household_id=HOUSEHOLD_ID, resident=True, sequence=1)


def with_quotients(*dated: tuple[str, str], family: Family = FAMILY) -> Family:
    quotients = tuple(Quotient(effective_on=date.fromisoformat(day), value=Decimal(value)) for day, value in dated)
    return replace(family, quotients=quotients)


def price_of(tariff: Tariff, family: Family, activity_id: str, day: date) -> Price | None:
    """What a booking costs a family whose children nothing is known of."""
    return price_for(tariff, Payer(family=family), Situation(child_id="", activity_id=activity_id, day=day))


def told(event: E, *, subject: str = "", sequence: int = 1, event_id: str = "", at: datetime = NOW) -> Told[E]:
    return Told(
        event=event,
        id=event_id or uuid4().hex,
        subject=subject,
        sequence=sequence,
        municipality_id=TOWN_ID,
        time=at,
    )


def sheet_id(child_id: str = CHILD_ID, programme_id: str = CANTEEN, month: str = MONTH) -> str:
    return f"sht_{child_id}_{programme_id}_{month}"


def empty_sheet(**changed: Any) -> ChargeSheet:
    plain = ChargeSheet(
        id=sheet_id(),
        municipality_id=TOWN_ID,
        household_id=HOUSEHOLD_ID,
        child_id=CHILD_ID,
        programme_id=CANTEEN,
        month=MONTH,
        billing_mode="postpaid",
    )
    return replace(plain, **changed)


def sheet_closed(
    *days: int,
    child_id: str = CHILD_ID,
    household_id: str = HOUSEHOLD_ID,
    programme_id: str = CANTEEN,
    activity_id: str = MEAL,
    closing_id: str = "cls_1",
    state: Any = "present",
    cancelled: Any = None,
) -> Told[SheetClosed]:
    """Those days of November, all in one state."""
    closed = tuple(
        ClosedDay(activity_id=activity_id, date=date(2026, 11, day), state=state, cancelled=cancelled) for day in days
    )
    event = SheetClosed(
        closing_id=closing_id,
        municipality_id=TOWN_ID,
        household_id=household_id,
        child_id=child_id,
        programme_id=programme_id,
        month=MONTH,
        billing_mode="postpaid",
        regulation_version=1,
        days=closed,
    )
    return told(event, subject=sheet_id(child_id, programme_id), sequence=9)


def month_closed(sheets: int, *, programme_id: str = CANTEEN, closing_id: str = "cls_1") -> Told[MonthClosed]:
    event = MonthClosed(
        closing_id=closing_id, municipality_id=TOWN_ID, programme_id=programme_id, month=MONTH, sheets=sheets
    )
    return told(event, subject=closing_id)


def price(cents: int | str = 415, *, quotient_known: bool = True) -> Price:
    return Price(
        cents=Decimal(cents),
        grid_id=f"{TOWN_ID}.repas",
        grid_version=1,
        bracket_from=Decimal("1000.01"),
        bracket_to=None,
        quotient_known=quotient_known,
    )


def invoice_line(quantity: int = 17, cents: int = 415) -> InvoiceLine:
    days = tuple(
        InvoicedDay(
            date=date(2026, 11, 1) + timedelta(days=at),
            state="present",
            sheet_id=sheet_id(),
            event_ids=("e1",),
            regulation_version=1,
            price=price(cents),
        )
        for at in range(quantity)
    )
    return InvoiceLine(
        child_id=CHILD_ID,
        activity_id=MEAL,
        unit_cents=Decimal(cents),
        quantity=quantity,
        total_cents=quantity * cents,
        days=days,
    )


def draft(household_id: str = HOUSEHOLD_ID, *, month: str = MONTH, cash_office_id: str = OFFICE.id) -> Draft:
    line = invoice_line()
    return Draft(
        municipality_id=TOWN_ID,
        household_id=household_id,
        cash_office_id=cash_office_id,
        month=month,
        kind="F",
        year=2026,
        issue_date=date(2026, 12, 1),
        due_date=date(2026, 12, 31),
        lines=(line,),
        total_cents=line.total_cents,
        run_id=f"run_{cash_office_id}_{month}",
    )


def invoice(name: str = "inv_1", position: int = 1, **changed: Any) -> Invoice:
    plain = Invoice(**vars(draft()), id=name, position=position, number=f"F2026-{position:06d}", version=1)
    return replace(plain, **changed)


def payment(*invoices: Invoice, name: str = "pay_0192aabbccdd7eef8123456789abcdef", **changed: Any) -> Payment:
    begun = for_invoices(name, invoices or (invoice(),), OFFICE, key="key-00001", fingerprint="f", now=NOW)
    return replace(begun, **changed)


def order(**changed: Any) -> Order:
    lines = tuple(
        OrderLine(child_id=CHILD_ID, programme_id=LEISURE, activity_id=WEDNESDAY, date=date(2026, 12, day), cents=1200)
        for day in (9, 16)
    )
    plain = Order(
        id="ord_1",
        municipality_id=TOWN_ID,
        household_id=HOUSEHOLD_ID,
        lines=lines,
        amount_cents=2400,
        expires_at=NOW + timedelta(minutes=20),
    )
    return replace(plain, **changed)


def settings(**changed: Any) -> Settings:
    plain: dict[str, Any] = {
        "http_port": 0,
        "jwks_url": "",
        "mongo_url": "",
        "mongo_database": "",
        "amqp_url": "",
        "gateway_url": "http://127.0.0.1:9",
        "portal_url": "http://127.0.0.1:9",
    }
    return Settings(**{**plain, **changed})
