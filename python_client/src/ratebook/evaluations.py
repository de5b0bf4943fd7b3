"""What evaluations answer: which model was better, and what it cost to find out. Needs the module `execution`.

Amounts and scores are `Decimal` with every digit; ratings are floats.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from ratebook.adapter import Adapter
from ratebook.types import Balance, BudgetWarning, _columns, _select


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """A comparison of models. `visibility` is private or public, `state` draft, open or closed."""

    id: UUID
    lenser_id: UUID
    name: str
    description: str | None
    feature_key: str | None
    visibility: str
    state: str
    allows_self_judging: bool
    opened_at: datetime | None
    closed_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A round of an evaluation. `state` is running, finished or cancelled."""

    id: UUID
    lenser_id: UUID
    evaluation_id: UUID
    key: str
    state: str
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Charged:
    generation_id: UUID | None = None
    charge_id: UUID | None = None
    credits: Decimal | None = None
    cost: Decimal | None = None
    currency: str | None = None
    balance: Balance | None = None
    warnings: tuple[BudgetWarning, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted(_Charged):
    """A submission, with what its generation was charged: nothing where that was there already."""

    submission_id: UUID
    run_id: UUID
    contender_id: UUID
    case_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored(_Charged):
    """A score, with what a model's judgement was charged; a person's has no generation."""

    score_id: UUID
    submission_id: UUID
    judge_id: UUID
    value: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ToScore:
    """A submission that waits for a judge; whose it is, it does not tell."""

    evaluation_id: UUID
    evaluation: str
    run_id: UUID
    run_key: str
    judge_id: UUID
    submission_id: UUID
    case_key: str
    prompt: str | None
    output: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a contender did; `place` is None without a score.

    `mean` is of all scores. `rating` is the Bradley-Terry strength over `comparisons` (pairs of scores of one judge on
    one case), of which `wins` were won, a tie half: one beats another with probability 1 / (1 + exp(other - one)).
    `rating_low` and `rating_high` are a 95 % interval of what it is ahead of the mean of all; None without comparisons.
    Contenders of another `part` were never compared, not even through others.
    """

    place: int | None
    contender_id: UUID
    contender: str
    model_id: UUID
    profile_id: UUID | None
    submissions: int
    scores: int
    mean: Decimal | None = field(metadata=_select("mean::text"))
    comparisons: int
    wins: Decimal = field(metadata=_select("wins::text"))
    rating: float
    rating_low: float | None
    rating_high: float | None
    part: int
    is_connected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationCost:
    """What a contender's submissions and their judgements were charged; `credits` is that less `refunded`."""

    contender_id: UUID
    contender: str
    submissions: int
    judgements: int
    submission_credits: Decimal = field(metadata=_select("submission_credits::text"))
    judgement_credits: Decimal = field(metadata=_select("judgement_credits::text"))
    refunded: Decimal = field(metadata=_select("refunded::text"))
    credits: Decimal = field(metadata=_select("credits::text"))


EVALUATION_COLUMNS = _columns(Evaluation)
RUN_COLUMNS = _columns(Run)
STANDING_COLUMNS = _columns(Standing)
COST_COLUMNS = _columns(EvaluationCost)
EVALUATIONS = Adapter(list[Evaluation])
RUNS = Adapter(list[Run])
SUBMITTED = Adapter(Submitted)
SCORED = Adapter(Scored)
TO_SCORE = Adapter(list[ToScore])
STANDINGS = Adapter(list[Standing])
COSTS = Adapter(list[EvaluationCost])
