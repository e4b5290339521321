"""SEPA direct debit (core scheme): creditors, mandates, debits, their files and what banks answer."""
