"""The rules: who is told what. Frozen values, no clock, no driver."""
