"""Webhooks for the managers of a town: how one does, its log, and sending again."""

from services.partners.http.webhooks.deliveries import ROUTES as DELIVERIES
from services.partners.http.webhooks.endpoint import ROUTES as ENDPOINT
from shared.web import Route

ROUTES: list[Route] = [*ENDPOINT, *DELIVERIES]
