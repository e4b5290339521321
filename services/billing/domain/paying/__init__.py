"""Paying online: who takes the money of a cash office, how an attempt begins, what people decide on odd ones."""
