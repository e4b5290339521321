"""Webhooks: where they may go, how they are signed, when they are tried again, and when an endpoint is left alone."""
