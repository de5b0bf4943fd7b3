"""Build hook: the wheel and the sdist carry the SQL schema as `ratebook/_schema`, and the page as `ratebook/_web`."""

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
    """Add the repository's schema files, and the built page, to a build made from a checkout.

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
        page = root.parent / "web/dist"
        if (page / "index.html").exists():
            build_data["force_include"][str(page)] = f"{prefix}/_web"
        else:
            self.app.display_warning("web/dist is missing: this build carries no page (make setup)")
