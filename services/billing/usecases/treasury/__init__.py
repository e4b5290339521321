"""Handing debts to the Treasury, and hearing what became of them."""
