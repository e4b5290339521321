"""What is done with mandates and debits."""
