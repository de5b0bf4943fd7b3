"""What holds on every view."""

from __future__ import annotations
