"""Decisions, tested as values in and values out."""
