"""Quotients (quotient familial): how they reach a town, from when they count, what a family without one is told."""
