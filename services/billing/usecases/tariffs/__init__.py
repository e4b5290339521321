"""Prices at work: what of a family and its children they need, and what becomes of a change."""
