"""The rules of identity: no await, no clock, no random, no driver."""
