# Generated from _async/__init__.py by `python -m tools.unasync`: change that file.
"""The client; `_sync` is generated from `_async`."""
