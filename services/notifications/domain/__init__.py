"""The rules of notifications: what is said to whom, in which words. Pure: no await, no clock, no driver."""
