"""What the till does: take money, use credits, pay back, deposit, seal the journal, close the day."""
