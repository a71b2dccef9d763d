"""Faults on purpose: what networks and servers do to subscribers, told by tests and repeatable by a seed."""
