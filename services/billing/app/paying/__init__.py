"""The payment providers as they are reached from here."""
