"""Papers and what they say: settings of an office's papers, trails of lines, contestations, lists, tax certificates."""

from services.billing.http.papers import certificates, lists, receipts, settings, trails

ROUTES = [*settings.ROUTES, *trails.ROUTES, *lists.ROUTES, *receipts.ROUTES, *certificates.ROUTES]
