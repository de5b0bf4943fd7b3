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
    from ratebook._async.evaluations import AsyncEvaluations as AsyncEvaluations
    from ratebook._async.tracking import AsyncTracked as AsyncTracked
    from ratebook._async.tracking import AsyncTrackedStream as AsyncTrackedStream
    from ratebook._async.wallet import AsyncAccount as AsyncAccount
    from ratebook._async.wallet import AsyncHold as AsyncHold
    from ratebook._sync.client import Client as Client
    from ratebook._sync.evaluations import Evaluations as Evaluations
    from ratebook._sync.tracking import Tracked as Tracked
    from ratebook._sync.tracking import TrackedStream as TrackedStream
    from ratebook._sync.wallet import Account as Account
    from ratebook._sync.wallet import Hold as Hold
    from ratebook.cancellation import stopping as stopping
    from ratebook.errors import ApiError as ApiError
    from ratebook.errors import BudgetExceeded as BudgetExceeded
    from ratebook.errors import Conflict as Conflict
    from ratebook.errors import ConnectionFailed as ConnectionFailed
    from ratebook.errors import IdempotencyConflict as IdempotencyConflict
    from ratebook.errors import InsufficientCredits as InsufficientCredits
    from ratebook.errors import NotAllowed as NotAllowed
    from ratebook.errors import NotConfigured as NotConfigured
    from ratebook.errors import NotFound as NotFound
    from ratebook.errors import RatebookError as RatebookError
    from ratebook.errors import ReadOnly as ReadOnly
    from ratebook.errors import UnusableUsage as UnusableUsage
    from ratebook.evaluations import Evaluation as Evaluation
    from ratebook.evaluations import EvaluationCost as EvaluationCost
    from ratebook.evaluations import Run as Run
    from ratebook.evaluations import Scored as Scored
    from ratebook.evaluations import Standing as Standing
    from ratebook.evaluations import Submitted as Submitted
    from ratebook.evaluations import ToScore as ToScore
    from ratebook.rows import as_json as as_json
    from ratebook.rows import records as records
    from ratebook.types import AccountBalance as AccountBalance
    from ratebook.types import AuditEntry as AuditEntry
    from ratebook.types import Authorized as Authorized
    from ratebook.types import Balance as Balance
    from ratebook.types import Budget as Budget
    from ratebook.types import BudgetWarning as BudgetWarning
    from ratebook.types import Candidate as Candidate
    from ratebook.types import CatalogueEntry as CatalogueEntry
    from ratebook.types import Charged as Charged
    from ratebook.types import ChargeRequest as ChargeRequest
    from ratebook.types import Check as Check
    from ratebook.types import Compared as Compared
    from ratebook.types import Entitlement as Entitlement
    from ratebook.types import ExplainedRoute as ExplainedRoute
    from ratebook.types import Forecast as Forecast
    from ratebook.types import Generation as Generation
    from ratebook.types import Granted as Granted
    from ratebook.types import LedgerEntry as LedgerEntry
    from ratebook.types import ListedPrice as ListedPrice
    from ratebook.types import Lot as Lot
    from ratebook.types import Model as Model
    from ratebook.types import OpenHold as OpenHold
    from ratebook.types import PastBalance as PastBalance
    from ratebook.types import Price as Price
    from ratebook.types import PriceChange as PriceChange
    from ratebook.types import PricePreview as PricePreview
    from ratebook.types import PriceStep as PriceStep
    from ratebook.types import Provider as Provider
    from ratebook.types import Quote as Quote
    from ratebook.types import QuoteLine as QuoteLine
    from ratebook.types import QuoteRequest as QuoteRequest
    from ratebook.types import Refunded as Refunded
    from ratebook.types import Released as Released
    from ratebook.types import Repriced as Repriced
    from ratebook.types import RepricedSum as RepricedSum
    from ratebook.types import Requirements as Requirements
    from ratebook.types import ShortQuote as ShortQuote
    from ratebook.types import Signal as Signal
    from ratebook.types import Usage as Usage
    from ratebook.types import UsageBucket as UsageBucket

__version__ = "0.1.0"

_NAMES = {
    "ratebook._async.client": ["AsyncClient"],
    "ratebook._async.tracking": ["AsyncTracked", "AsyncTrackedStream"],
    "ratebook._async.wallet": ["AsyncAccount", "AsyncHold"],
    "ratebook._sync.client": ["Client"],
    "ratebook._sync.tracking": ["Tracked", "TrackedStream"],
    "ratebook._async.evaluations": ["AsyncEvaluations"],
    "ratebook._sync.evaluations": ["Evaluations"],
    "ratebook._sync.wallet": ["Account", "Hold"],
    "ratebook.cancellation": ["stopping"],
    "ratebook.rows": ["as_json", "records"],
    "ratebook.errors": [
        "ApiError",
        "BudgetExceeded",
        "Conflict",
        "ConnectionFailed",
        "IdempotencyConflict",
        "InsufficientCredits",
        "NotAllowed",
        "NotConfigured",
        "NotFound",
        "RatebookError",
        "ReadOnly",
        "UnusableUsage",
    ],
    "ratebook.evaluations": [
        "Evaluation",
        "EvaluationCost",
        "Run",
        "Scored",
        "Standing",
        "Submitted",
        "ToScore",
    ],
    "ratebook.types": [
        "AuditEntry",
        "Generation",
        "ListedPrice",
        "Model",
        "AccountBalance",
        "Authorized",
        "Balance",
        "BudgetWarning",
        "ChargeRequest",
        "Charged",
        "Check",
        "Generation",
        "Granted",
        "LedgerEntry",
        "Lot",
        "Model",
        "OpenHold",
        "Price",
        "Provider",
        "Quote",
        "QuoteLine",
        "Moved",
        "Refunded",
        "Released",
        "Revoked",
        "Settled",
        "Budget",
        "Forecast",
        "PastBalance",
        "PricePreview",
        "RepricedSum",
        "UsageBucket",
        "QuoteRequest",
        "Repriced",
        "ShortQuote",
        "Signal",
        "Candidate",
        "CatalogueEntry",
        "Compared",
        "Entitlement",
        "ExplainedRoute",
        "PriceChange",
        "PriceStep",
        "Requirements",
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
