"""Tests of the queries, on a real database."""
