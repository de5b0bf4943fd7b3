"""The client; `_sync` is generated from `_async`."""
