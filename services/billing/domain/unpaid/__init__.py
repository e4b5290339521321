"""What families owe after its date: how old it is, who is reminded of it when."""
