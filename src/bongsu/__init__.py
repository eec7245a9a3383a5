"""Bongsu: rapid response against state-sponsored crypto theft."""

__version__ = "0.1.0"
