"""Gates and helpers for the schema: `python -m tools.NAME --help`."""
