"""Routing, held against an implementation of its own."""
