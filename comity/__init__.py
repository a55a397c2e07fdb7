"""Comity: threat intelligence shared by declared agreement; every disclosure decided, explained and logged."""

__version__ = "0.1.0"
