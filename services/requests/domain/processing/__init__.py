"""What happens to a filed request: who has it, what is asked for, what is written, and how long it takes.

Each verb takes a request and returns the request after it, at its next version, with what is told of it.
"""
