"""Ratebook: model registry, rate book, feature routing and credit wallet for Supabase and PostgREST.

    from ratebook import Client

    with Client(url, key) as ratebook:
        print(ratebook.quote("gpt-4o-mini", {"input": 1000, "output": 500}).credits)

Names are imported when they are first used, so that `import ratebook` costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ratebook._async.client import AsyncClient as AsyncClient
    from ratebook._sync.client import Client as Client
    from ratebook.errors import ApiError as ApiError
    from ratebook.errors import Conflict as Conflict
    from ratebook.errors import ConnectionFailed as ConnectionFailed
    from ratebook.errors import InsufficientCredits as InsufficientCredits
    from ratebook.errors import NotAllowed as NotAllowed
    from ratebook.errors import NotConfigured as NotConfigured
    from ratebook.errors import NotFound as NotFound
    from ratebook.errors import RatebookError as RatebookError
    from ratebook.errors import UnusableUsage as UnusableUsage
    from ratebook.types import AuditEntry as AuditEntry
    from ratebook.types import Generation as Generation
    from ratebook.types import ListedPrice as ListedPrice
    from ratebook.types import Model as Model
    from ratebook.types import Price as Price
    from ratebook.types import Provider as Provider
    from ratebook.types import Quote as Quote
    from ratebook.types import QuoteLine as QuoteLine
    from ratebook.types import Usage as Usage

__version__ = "0.1.0"

_NAMES = {
    "ratebook._async.client": ["AsyncClient"],
    "ratebook._sync.client": ["Client"],
    "ratebook.errors": [
        "ApiError",
        "Conflict",
        "ConnectionFailed",
        "InsufficientCredits",
        "NotAllowed",
        "NotConfigured",
        "NotFound",
        "RatebookError",
        "UnusableUsage",
    ],
    "ratebook.types": [
        "AuditEntry",
        "Generation",
        "ListedPrice",
        "Model",
        "Price",
        "Provider",
        "Quote",
        "QuoteLine",
        "Usage",
    ],
}
_HOMES = {name: module for module, names in _NAMES.items() for name in names}

__all__ = [  # noqa: PLE0604 - every name above is a string
    "__version__",
    *_HOMES,
]


def __getattr__(name: str) -> Any:
    """Import a public name from the module that defines it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
