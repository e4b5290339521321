"""Handing a debt to the Treasury: which debts, in which file, and what comes back."""
