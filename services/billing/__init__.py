"""Tariffs, charges, invoices, payments."""
