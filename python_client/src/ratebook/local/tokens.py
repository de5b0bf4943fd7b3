"""Keys of the local stack: HS256 JSON web tokens signed with a public demo secret."""

import time
from typing import Any

import jwt

# Published with the source: it protects nothing and must never sign tokens of a real project.
DEMO_JWT_SECRET = "ratebook-demo-secret-for-local-use-only-never-in-production"  # noqa: S105

_ISSUED_AT = 1_735_689_600  # 2025-01-01, fixed so that the two keys never change
_EXPIRES_AT = 2_051_222_400  # 2035-01-01


def mint(claims: dict[str, Any]) -> str:
    """Sign `claims` as they are."""
    return jwt.encode(claims, DEMO_JWT_SECRET, algorithm="HS256")


def api_key(role: str) -> str:
    """The same long-lived key for `role` on every machine and every day."""
    return mint({"iss": "ratebook-demo", "role": role, "iat": _ISSUED_AT, "exp": _EXPIRES_AT})


def token(role: str, sub: str | None = None, *, expires_in: int = 3600, **claims: Any) -> str:
    """A token for `role`, valid for `expires_in` seconds; `sub` is the auth user's id."""
    now = int(time.time())
    payload: dict[str, Any] = {"iss": "ratebook-demo", "role": role, "iat": now}
    payload["exp"] = now + expires_in
    if sub is not None:
        payload["sub"] = str(sub)
        payload["aud"] = "authenticated"
    return mint(payload | claims)
