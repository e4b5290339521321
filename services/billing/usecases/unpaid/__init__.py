"""Reminding families of what they owe."""
