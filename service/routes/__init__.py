"""Thin HTTP entry points: parameters are the preconditions, the body is one call."""
