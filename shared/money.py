"""Money is integer cents of one currency (EUR); nothing here ever rounds."""


class Cents(int):
    """An amount in euro cents; its own type so that sentences show it as money."""
