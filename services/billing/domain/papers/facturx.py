"""An invoice as data: Factur-X, profile EN 16931, which is UN/CEFACT's Cross Industry Invoice (standard EN 16931-1).

What a town sells families is outside the scope of VAT (tax code, article 256 B): category O, without a rate.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from services.billing.domain.copies import Household
from services.billing.domain.invoices import Invoice, InvoiceLine, Kind, month_bounds
from services.billing.domain.papers.invoice import Setting
from services.billing.domain.papers.words import activity_names, addressee, child_names

NAMESPACES = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
}
PROFILE = "urn:cen.eu:en16931:2017"
# Code list UNTDID 1001. A credit note's amounts are written positive: its type says that they are given back.
TYPES: Mapping[Kind, str] = {"F": "380", "R": "384", "A": "381"}
OUT_OF_SCOPE, REASON = "O", "Non soumis à la TVA (CGI, article 256 B)"
# UNTDID 4461: the means a payment is asked for by.
TRANSFER, ONLINE, DEBIT = "30", "68", "59"
SIRET_SCHEME = "0009"
PIECE = "C62"

for prefix, name in NAMESPACES.items():
    register_namespace(prefix, name)


def facturx(invoice: Invoice, setting: Setting) -> str:
    """The invoice as XML, valid by the schema of Factur-X 1.0 EN 16931."""
    root = Element(_name("rsm:CrossIndustryInvoice"))
    context = _add(root, "rsm:ExchangedDocumentContext")
    _add(context, "ram:GuidelineSpecifiedDocumentContextParameter/ram:ID", PROFILE)
    document = _add(root, "rsm:ExchangedDocument")
    _add(document, "ram:ID", invoice.number)
    _add(document, "ram:TypeCode", TYPES[invoice.kind])
    _day(document, "ram:IssueDateTime/udt:DateTimeString", invoice.issue_date)
    trade = _add(root, "rsm:SupplyChainTradeTransaction")
    _lines(trade, invoice, setting)
    _agreement(trade, setting)
    delivery = _add(trade, "ram:ApplicableHeaderTradeDelivery/ram:ActualDeliverySupplyChainEvent")
    _day(delivery, "ram:OccurrenceDateTime/udt:DateTimeString", month_bounds(invoice.month)[1])
    _settlement(trade, invoice, setting)
    return tostring(root, encoding="unicode", xml_declaration=False)


def _lines(trade: Element, invoice: Invoice, setting: Setting) -> None:
    children, activities = child_names(setting.household), activity_names(setting.programmes)
    for at, line in enumerate(invoice.lines, start=1):
        item = _add(trade, "ram:IncludedSupplyChainTradeLineItem")
        _add(item, "ram:AssociatedDocumentLineDocument/ram:LineID", str(at))
        product = _add(item, "ram:SpecifiedTradeProduct")
        _add(product, "ram:Name", activities.get(line.activity_id, line.activity_id))
        if line.child_id in children:
            _add(product, "ram:Description", children[line.child_id])
        _line(item, line, _sign(invoice))


def _sign(invoice: Invoice) -> int:
    return -1 if invoice.kind == "A" else 1


def _line(item: Element, line: InvoiceLine, sign: int) -> None:
    """A unit price is never negative in the standard: what is taken back has a negative quantity."""
    back = -1 if (line.total_cents < 0) != (sign < 0) else 1
    price = _add(item, "ram:SpecifiedLineTradeAgreement/ram:NetPriceProductTradePrice/ram:ChargeAmount")
    price.text = f"{abs(line.unit_cents) / 100:.4f}"
    quantity = _add(item, "ram:SpecifiedLineTradeDelivery/ram:BilledQuantity", f"{back * abs(line.quantity)}")
    quantity.set("unitCode", PIECE)
    settled = _add(item, "ram:SpecifiedLineTradeSettlement")
    tax = _add(settled, "ram:ApplicableTradeTax")
    _add(tax, "ram:TypeCode", "VAT")
    _add(tax, "ram:CategoryCode", OUT_OF_SCOPE)
    if line.days:
        _period(settled, min(day.date for day in line.days), max(day.date for day in line.days))
    total = "ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount"
    _add(settled, total, _euros(sign * line.total_cents))


def _agreement(trade: Element, setting: Setting) -> None:
    agreement = _add(trade, "ram:ApplicableHeaderTradeAgreement")
    papers, town = setting.papers, setting.town
    seller = _add(agreement, "ram:SellerTradeParty")
    _add(seller, "ram:ID", setting.office.structure_id)
    _add(seller, "ram:Name", papers.seller if papers and papers.seller else town.name)
    if papers and papers.siret:
        siret = _add(seller, "ram:SpecifiedLegalOrganization/ram:ID", papers.siret)
        siret.set("schemeID", SIRET_SCHEME)
    _address(seller, town.contact_address.splitlines())
    buyer = _add(agreement, "ram:BuyerTradeParty")
    _add(buyer, "ram:Name", _payer(setting.household))
    _address(buyer, setting.household.address.splitlines())


def _payer(household: Household) -> str:
    return addressee(household)[0]


def _address(party: Element, lines: list[str]) -> None:
    """As many lines as the standard has; the last one is the town, with its postcode when it begins with one."""
    address = _add(party, "ram:PostalTradeAddress")
    postcode, _, city = lines[-1].partition(" ") if lines else ("", "", "")
    if not (postcode.isdecimal() and len(postcode) == 5):
        postcode, city = "", lines[-1] if lines else ""
    if postcode:
        _add(address, "ram:PostcodeCode", postcode)
    for name, line in zip(("LineOne", "LineTwo", "LineThree"), lines[:-1], strict=False):
        _add(address, f"ram:{name}", line)
    if city:
        _add(address, "ram:CityName", city)
    _add(address, "ram:CountryID", "FR")


def _settlement(trade: Element, invoice: Invoice, setting: Setting) -> None:
    settlement = _add(trade, "ram:ApplicableHeaderTradeSettlement")
    if setting.debit:
        _add(settlement, "ram:CreditorReferenceID", setting.debit.ics)
    _add(settlement, "ram:PaymentReference", invoice.reference)
    _add(settlement, "ram:InvoiceCurrencyCode", "EUR")
    if invoice.kind != "A":
        _means(settlement, setting)
    total = _euros(_sign(invoice) * invoice.total_cents)
    tax = _add(settlement, "ram:ApplicableTradeTax")
    for name, text in _tax(total):
        _add(tax, f"ram:{name}", text)
    _period(settlement, *month_bounds(invoice.month))
    _terms(settlement, invoice, setting)
    _amounts(settlement, invoice, total)
    if setting.corrects:
        corrected = _add(settlement, "ram:InvoiceReferencedDocument")
        _add(corrected, "ram:IssuerAssignedID", setting.corrects.number)
        _day(corrected, "ram:FormattedIssueDateTime/qdt:DateTimeString", setting.corrects.issue_date)


def _means(settlement: Element, setting: Setting) -> None:
    """One means, the first that applies: a planned debit, a transfer where the office has an account, else online."""
    means = _add(settlement, "ram:SpecifiedTradeSettlementPaymentMeans")
    papers = setting.papers
    if setting.debit:
        _add(means, "ram:TypeCode", DEBIT)
    elif papers and papers.iban:
        _add(means, "ram:TypeCode", TRANSFER)
        account = _add(means, "ram:PayeePartyCreditorFinancialAccount")
        _add(account, "ram:IBANID", papers.iban)
        if papers.bic:
            _add(means, "ram:PayeeSpecifiedCreditorFinancialInstitution/ram:BICID", papers.bic)
    else:
        _add(means, "ram:TypeCode", ONLINE)


def _tax(total: str) -> Iterator[tuple[str, str]]:
    yield "CalculatedAmount", "0.00"
    yield "TypeCode", "VAT"
    yield "ExemptionReason", REASON
    yield "BasisAmount", total
    yield "CategoryCode", OUT_OF_SCOPE
    yield "ExemptionReasonCode", "VATEX-EU-O"


def _terms(settlement: Element, invoice: Invoice, setting: Setting) -> None:
    terms = _add(settlement, "ram:SpecifiedTradePaymentTerms")
    _day(terms, "ram:DueDateDateTime/udt:DateTimeString", setting.debit.on if setting.debit else invoice.due_date)
    if setting.debit:
        _add(terms, "ram:DirectDebitMandateID", setting.debit.rum)


def _amounts(settlement: Element, invoice: Invoice, total: str) -> None:
    sums = _add(settlement, "ram:SpecifiedTradeSettlementHeaderMonetarySummation")
    settled = _sign(invoice) * (invoice.total_cents - invoice.remaining_cents)
    _add(sums, "ram:LineTotalAmount", total)
    _add(sums, "ram:TaxBasisTotalAmount", total)
    _add(sums, "ram:TaxTotalAmount", "0.00").set("currencyID", "EUR")
    _add(sums, "ram:GrandTotalAmount", total)
    _add(sums, "ram:TotalPrepaidAmount", _euros(settled))
    _add(sums, "ram:DuePayableAmount", _euros(_sign(invoice) * invoice.remaining_cents))


def _period(parent: Element, first: date, last: date) -> None:
    period = _add(parent, "ram:BillingSpecifiedPeriod")
    _day(period, "ram:StartDateTime/udt:DateTimeString", first)
    _day(period, "ram:EndDateTime/udt:DateTimeString", last)


def _day(parent: Element, path: str, day: date) -> None:
    _add(parent, path, f"{day:%Y%m%d}").set("format", "102")


def _euros(cents: int) -> str:
    return f"{Decimal(cents) / 100:.2f}"


def _add(parent: Element, path: str, text: str = "") -> Element:
    """The last of the new elements a path names, each inside the one before."""
    for part in path.split("/"):
        parent = SubElement(parent, _name(part))
    if text:
        parent.text = text
    return parent


def _name(qualified: str) -> str:
    prefix, name = qualified.split(":")
    return f"{{{NAMESPACES[prefix]}}}{name}"
