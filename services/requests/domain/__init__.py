"""The rules of requests: no await, no clock, no driver."""
