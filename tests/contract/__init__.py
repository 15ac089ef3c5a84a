"""Promises over every operation at once: the description, the permissions, the refusals, and what chance may send."""
