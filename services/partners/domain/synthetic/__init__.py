"""Invented events of a town that does not exist, for partners to try their systems on."""
