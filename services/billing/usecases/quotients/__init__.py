"""Quotients at work: entered by agents, accepted from requests, asked of the national service."""
