"""Tests of the pages through HTTP, without a browser."""
