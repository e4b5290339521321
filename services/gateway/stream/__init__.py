"""The live stream: what happens, told to whoever it concerns while their page is open (server-sent events)."""
