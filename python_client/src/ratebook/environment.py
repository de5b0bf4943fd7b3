"""Where to ask, as the environment says it."""

import os

from ratebook.errors import NotConfigured

_KEYS = {
    "RATEBOOK_URL": ("RATEBOOK_KEY",),
    "SUPABASE_URL": ("SUPABASE_KEY", "SUPABASE_ANON_KEY"),
}


def url_and_key() -> tuple[str, str] | None:
    """RATEBOOK_URL and RATEBOOK_KEY, else SUPABASE_URL and SUPABASE_KEY or SUPABASE_ANON_KEY; None where no URL is set.

    A key is used with the URL of its own prefix only. Raises NotConfigured for a URL without one.
    """
    for url_name, key_names in _KEYS.items():
        if url := _read(url_name):
            key = next(filter(None, map(_read, key_names)), None)
            if key is None:
                raise NotConfigured(f"{url_name} is set, but {' or '.join(key_names)} is not.")
            return url, key
    return None


def any_key() -> str | None:
    """The first key that is set, for a URL that was given by hand."""
    return next(filter(None, (_read(name) for names in _KEYS.values() for name in names)), None)


def _read(name: str) -> str:
    return os.environ.get(name, "").strip()
