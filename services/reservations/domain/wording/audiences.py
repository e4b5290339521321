"""Whom something is for, in words."""

from collections.abc import Iterator

from services.reservations.domain.audience import Ages, Audience
from services.reservations.domain.wording.words import said
from shared.errors import N_, Listed, Said


def say_audience(audience: Audience) -> Said:
    """“children living in the town, aged 3 to 5, in CP or CE1”."""
    return said(N_("children %(traits)s"), traits=Listed(parts=tuple(_traits(audience)), by="comma"))


def _traits(audience: Audience) -> Iterator[Said]:
    if audience.residents is not None:
        yield said(N_("living in the town") if audience.residents else N_("living elsewhere"))
    if audience.ages:
        yield _aged(audience.ages)
    if audience.groups:
        yield said(N_("in %(groups)s"), groups=Listed(parts=tuple(sorted(audience.groups)), by="or"))
    if audience.categories:
        parts = tuple(sorted(audience.categories))
        yield said(N_("of category %(categories)s"), categories=Listed(parts=parts, by="or"))
    if audience.enrolled_before:
        yield said(N_("first enrolled before %(day)s"), day=audience.enrolled_before)
    if audience.enrolled_since:
        yield said(N_("first enrolled on %(day)s or later"), day=audience.enrolled_since)


def _aged(ages: Ages) -> Said:
    if ages.last is None:
        return said(N_("aged %(first)s or more"), first=ages.first)
    if ages.first is None:
        return said(N_("aged %(last)s or less"), last=ages.last)
    return said(N_("aged %(first)s to %(last)s"), first=ages.first, last=ages.last)
