"""Build hook: the wheel and the sdist carry the SQL schema as `ratebook/_schema`."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CARRIED = (
    "migrations",
    "scale",
    "seeds",
    "supabase/config.toml",
    "supabase/platform.sql",
)


class SchemaHook(BuildHookInterface):  # type: ignore[type-arg]
    """Add the repository's schema files to a build made from a checkout.

    A wheel built from an sdist finds them in the source tree already; an editable install reads
    them from the repository.
    """

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Extend the build's forced files; raises FileNotFoundError on an incomplete checkout."""
        root = Path(self.root)
        if version == "editable" or (root / "src/ratebook/_schema").is_dir():
            return
        prefix = "src/ratebook" if self.target_name == "sdist" else "ratebook"
        for name in CARRIED:
            source = root.parent / name
            if not source.exists():
                raise FileNotFoundError(f"{source} is missing: build from a complete checkout")
            build_data["force_include"][str(source)] = f"{prefix}/_schema/{name}"
