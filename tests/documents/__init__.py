"""Tests of the referral document, as PDF and as a web page."""
