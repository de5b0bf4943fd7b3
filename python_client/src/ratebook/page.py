"""The page: where its built files are, and copies of them that know their database.

A copy is served as it is, by any host: `config.json` beside `index.html` is all that is its own, and is
read when the page is opened.
"""

import base64
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from ratebook.errors import RatebookError

NOT_BUILT = "The page is not built here: a checkout builds it by `make setup`, a wheel of ratebook carries it."

# What a browser is told beside the policy. The address may hold a demo token: it is told to nobody.
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
# What Vite gives a name made of its content may be kept for ever; all else is asked for again.
KEPT = "public, max-age=31536000, immutable"
ASKED_FOR = "no-cache"

_SECRET_ROLES = ("service_role", "supabase_admin", "postgres")


@dataclass(frozen=True)
class Configuration:
    """What a copy is told: an address (`/` is the one that the page came from), its public key, how people sign in.

    `sign_in` is `supabase` (Supabase Auth at the same address) or `demo` (links of the local stack).
    """

    url: str
    anon_key: str
    sign_in: str = "supabase"

    def to_json(self) -> str:
        """The text of config.json."""
        return json.dumps(
            {"url": self.url, "anonKey": self.anon_key, "signIn": self.sign_in}, indent=2
        )


def built() -> Path | None:
    """The folder of the built files: in the wheel, or web/dist of a checkout. None where there is none."""
    package = Path(__file__).parent
    for folder in (package / "_web", *(root / "web/dist" for root in package.parents[2:3])):
        if (folder / "index.html").is_file():
            return folder
    return None


def security_policy(url: str) -> str:
    """The Content-Security-Policy of a page whose database answers at `url`."""
    parts = urlsplit(url)
    address = f" {parts.scheme}://{parts.netloc}" if parts.netloc else ""
    return "; ".join(
        (
            "default-src 'self'",
            f"connect-src 'self'{address}",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def headers(url: str) -> dict[str, str]:
    """What is sent with every file of the page."""
    return {"Content-Security-Policy": security_policy(url)} | HEADERS


def copy(folder: Path, configuration: Configuration) -> list[str]:
    """Write the built files and config.json into `folder`, and take away its older assets. The names that changed.

    Raises RatebookError where the page is not built, or `folder` holds something else.
    """
    source = built()
    if source is None:
        raise RatebookError(NOT_BUILT)
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "index.html").is_file():
        raise RatebookError(f"{folder} holds other files: name an empty folder, or a new one.")
    files = {str(path.relative_to(source)): path for path in source.rglob("*") if path.is_file()}
    # What index.html names is there before it is.
    ordered = sorted(files, key=lambda name: (name == "index.html", name))
    texts = {name: files[name].read_bytes() for name in ordered}
    texts = {"config.json": configuration.to_json().encode() + b"\n"} | texts
    changed = []
    for name, content in texts.items():
        target = folder / name
        if target.is_file() and target.read_bytes() == content:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        new = target.with_name(f".{target.name}.new")
        new.write_bytes(content)
        new.chmod(0o644)  # a gateway that root starts reads as nobody
        new.replace(target)
        changed.append(name)
    assets = folder / "assets"
    for path in assets.rglob("*") if assets.is_dir() else ():
        if path.is_file() and str(path.relative_to(folder)) not in texts:
            path.unlink()
            changed.append(str(path.relative_to(folder)))
    return changed


def remove(folder: Path) -> None:
    """Take a copy away."""
    shutil.rmtree(folder, ignore_errors=True)


def write_headers(folder: Path, url: str) -> Path:
    """`_headers`, as static hosts (Cloudflare Pages, Netlify) read it: the policy, and what may be kept."""
    lines = ["/*"]
    lines += [f"  {name}: {value}" for name, value in headers(url).items()]
    lines += [f"  Cache-Control: {ASKED_FOR}", "/assets/*", "  ! Cache-Control"]
    lines += [f"  Cache-Control: {KEPT}"]
    path = folder / "_headers"
    path.write_text("\n".join(lines) + "\n")
    return path


def check_public(key: str) -> None:
    """Raise RatebookError for a key that no browser may have."""
    if key.startswith("sb_secret_") or _role(key) in _SECRET_ROLES:
        raise RatebookError(
            "That is a secret key, and whoever opens the page could read it: name the anon key."
        )


def _role(key: str) -> object:
    """The role that a JSON web token claims, unverified."""
    try:
        payload = key.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return claims.get("role") if isinstance(claims, dict) else None
    except (IndexError, ValueError):
        return None
