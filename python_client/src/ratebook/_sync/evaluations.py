# Generated from _async/evaluations.py by `python -m tools.unasync`: change that file.
"""Evaluations: which model was better. Needs the module `execution` in the database."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from postgrest import CountMethod, SyncRPCFilterRequestBuilder, SyncSelectRequestBuilder

from ratebook.arguments import exact_cost, given
from ratebook.errors import NotFound, translated
from ratebook.evaluations import (
    COST_COLUMNS,
    COSTS,
    EVALUATION_COLUMNS,
    EVALUATIONS,
    RUN_COLUMNS,
    RUNS,
    SCORED,
    STANDING_COLUMNS,
    STANDINGS,
    SUBMITTED,
    TO_SCORE,
    Evaluation,
    EvaluationCost,
    Run,
    Scored,
    Standing,
    Submitted,
    ToScore,
)
from ratebook.types import Usage, usage_to_json

if TYPE_CHECKING:
    from ratebook._sync.client import Client

Participant = str | Mapping[str, str]
"""A model's name, or `{"model": …}`, `{"profile": …}` (a contender) or `{"person": …}` (a judge), with `name`."""


class Evaluations:
    """The evaluations of a project; `Client.evaluations` has it, without asking the server.

    Every write may be sent twice and takes effect once: the same again gets the first answer, another raises
    IdempotencyConflict. What the state forbids raises Conflict. `owner` is the evaluation's lenser, for shards.
    """

    def __init__(self, client: "Client") -> None:
        self._client = client

    def all(self, *, as_admin: bool = False) -> list[Evaluation]:
        """One's own evaluations and the public ones, the newest first; `as_admin`: everybody's."""

        def query() -> SyncSelectRequestBuilder:
            table = self._client._api.schema("execution").from_(
                "all_evaluations" if as_admin else "evaluations"
            )
            return table.select(EVALUATION_COLUMNS, count=CountMethod.exact).order("id", desc=True)

        with translated():
            return EVALUATIONS.validate_python(self._client._all(query))

    def get(self, evaluation: UUID | str) -> Evaluation:
        """The evaluation of that id. Raises NotFound for one that the caller may not read, as for none."""
        with translated():
            table = self._client._api.schema("execution").from_("evaluations")
            found = table.select(EVALUATION_COLUMNS).eq("id", str(evaluation)).execute()
        rows = EVALUATIONS.validate_python(found.data)
        if not rows:
            raise NotFound(f"There is no evaluation {evaluation}.", code="PT404")
        return rows[0]

    def create(
        self,
        name: str,
        *,
        contenders: Sequence[Participant] = (),
        judges: Sequence[Participant] = (),
        description: str | None = None,
        feature: str | None = None,
        visibility: str | None = None,
        allows_self_judging: bool | None = None,
        lenser: UUID | str | None = None,
    ) -> Evaluation:
        """Make an evaluation, as a draft; `name` is unique among the owner's.

        `lenser`: the owner, where admins or the service role make it for somebody. Raises NotFound for an unknown
        model, feature or person, and UnusableUsage where somebody takes part twice.
        """
        arguments = given(
            name=name,
            contenders=list(contenders),
            judges=list(judges),
            description=description,
            feature=feature,
            visibility=visibility,
            allows_self_judging=allows_self_judging,
            lenser=None if lenser is None else str(lenser),
        )
        with translated():
            return EVALUATIONS.validate_python(self._write("create_evaluation", arguments))[0]

    def change(
        self,
        evaluation: UUID | str,
        *,
        state: str | None = None,
        visibility: str | None = None,
        name: str | None = None,
        description: str | None = None,
        add_contenders: Sequence[Participant] = (),
        add_judges: Sequence[Participant] = (),
        owner: UUID | str | None = None,
    ) -> Evaluation:
        """Open or close an evaluation, show it to everybody, or add who takes part. For its owner and admins."""
        arguments = given(
            evaluation=str(evaluation),
            state=state,
            visibility=visibility,
            name=name,
            description=description,
            add_contenders=list(add_contenders) or None,
            add_judges=list(add_judges) or None,
            owner=None if owner is None else str(owner),
        )
        with translated():
            return EVALUATIONS.validate_python(self._write("change_evaluation", arguments))[0]

    def start_run(
        self, evaluation: UUID | str, key: str, *, owner: UUID | str | None = None
    ) -> Run:
        """Start a run of an open evaluation; `key` is its name, such as a date. For its owner and admins."""
        arguments = given(
            evaluation=str(evaluation), key=key, owner=None if owner is None else str(owner)
        )
        with translated():
            return RUNS.validate_python(self._write("start_run", arguments))[0]

    def submit(
        self,
        run: UUID | str,
        contender: UUID | str,
        case_key: str,
        *,
        account: UUID | str | None = None,
        usage: Usage | Mapping[str, Any] | None = None,
        format: str | None = None,  # noqa: A002 - the API's own name
        service_tier: str | None = None,
        variant: str | None = None,
        region: str | None = None,
        generation: UUID | str | None = None,
        prompt: str | None = None,
        output: str | None = None,
        latency_ms: int | None = None,
        estimated: bool | None = None,
        reported_cost: Decimal | int | None = None,
        reported_currency: str | None = None,
        account_owner: UUID | str | None = None,
        owner: UUID | str | None = None,
    ) -> Submitted:
        """Record what a contender answered to a case. For the service role.

        Give what the generation cost, as to `charge()`: `account` and `usage`; or a `generation` that is there already.
        `contender` is its id or name, or its model. Raises what `charge()` raises.
        """
        arguments = given(
            run=str(run),
            contender=str(contender),
            case_key=case_key,
            **_work(
                account,
                usage,
                format,
                generation,
                reported_cost,
                account_owner,
                owner,
                service_tier=service_tier,
                variant=variant,
                region=region,
                prompt=prompt,
                output=output,
                latency_ms=latency_ms,
                estimated=estimated,
                reported_currency=reported_currency,
            ),
        )
        with translated():
            return SUBMITTED.validate_python(self._write("submit", arguments))

    def score(
        self,
        submission: UUID | str,
        value: Decimal | int,
        *,
        rationale: str | None = None,
        judge: UUID | str | None = None,
        account: UUID | str | None = None,
        usage: Usage | Mapping[str, Any] | None = None,
        format: str | None = None,  # noqa: A002 - the API's own name
        service_tier: str | None = None,
        variant: str | None = None,
        region: str | None = None,
        generation: UUID | str | None = None,
        prompt: str | None = None,
        output: str | None = None,
        latency_ms: int | None = None,
        estimated: bool | None = None,
        reported_cost: Decimal | int | None = None,
        reported_currency: str | None = None,
        account_owner: UUID | str | None = None,
        owner: UUID | str | None = None,
    ) -> Scored:
        """Record what a judge made of a submission; more is better.

        A person, signed in, gives value and rationale. For a model's, which the service role records, `judge` is its
        id, name or model, and the rest as to `submit()`. Raises Conflict where a model would judge itself.
        """
        arguments = given(
            submission=str(submission),
            value=str(value),
            rationale=rationale,
            judge=None if judge is None else str(judge),
            **_work(
                account,
                usage,
                format,
                generation,
                reported_cost,
                account_owner,
                owner,
                service_tier=service_tier,
                variant=variant,
                region=region,
                prompt=prompt,
                output=output,
                latency_ms=latency_ms,
                estimated=estimated,
                reported_currency=reported_currency,
            ),
        )
        with translated():
            return SCORED.validate_python(self._write("score", arguments))

    def to_score(
        self,
        run: UUID | str | None = None,
        *,
        judge: UUID | str | None = None,
        owner: UUID | str | None = None,
    ) -> list[ToScore]:
        """What a judge has left to score: one's own, of all runs; with the service key, of a run and a model's."""
        arguments = given(
            run=None if run is None else str(run),
            judge=None if judge is None else str(judge),
            owner=None if owner is None else str(owner),
        )
        with translated():
            return TO_SCORE.validate_python(self._rows("to_score", arguments, "*"))

    def finish_run(
        self, run: UUID | str, state: str = "finished", *, owner: UUID | str | None = None
    ) -> Run:
        """End a run for good: finished, or cancelled, and then it counts in no leaderboard."""
        arguments = given(run=str(run), state=state, owner=None if owner is None else str(owner))
        with translated():
            return RUNS.validate_python(self._write("finish_run", arguments))[0]

    def runs(self, evaluation: UUID | str) -> list[Run]:
        """The runs of an evaluation that the caller may read, the newest first."""

        def query() -> SyncSelectRequestBuilder:
            table = self._client._api.schema("execution").from_("runs")
            found = table.select(RUN_COLUMNS, count=CountMethod.exact)
            return found.eq("evaluation_id", str(evaluation)).order("id", desc=True)

        with translated():
            return RUNS.validate_python(self._client._all(query))

    def leaderboard(
        self,
        evaluation: UUID | str,
        run: UUID | str | None = None,
        *,
        owner: UUID | str | None = None,
    ) -> list[Standing]:
        """The contenders, the best first: of all runs, or of one."""
        arguments = given(
            evaluation=str(evaluation),
            run=None if run is None else str(run),
            owner=None if owner is None else str(owner),
        )
        with translated():
            rows = self._rows("leaderboard", arguments, STANDING_COLUMNS)
            return STANDINGS.validate_python(rows)

    def costs(
        self,
        evaluation: UUID | str,
        run: UUID | str | None = None,
        *,
        owner: UUID | str | None = None,
    ) -> list[EvaluationCost]:
        """What it cost, one row a contender: of all runs, or of one. For its owner and admins."""
        arguments = given(
            evaluation=str(evaluation),
            run=None if run is None else str(run),
            owner=None if owner is None else str(owner),
        )
        with translated():
            return COSTS.validate_python(self._rows("costs", arguments, COST_COLUMNS))

    def _write(self, function: str, arguments: dict[str, Any]) -> Any:
        return self._client._write(function, arguments, "execution")

    def _rows(self, function: str, arguments: dict[str, Any], columns: str) -> list[Any]:
        def query() -> SyncRPCFilterRequestBuilder:
            schema = self._client._api.schema("execution")
            return schema.rpc(function, arguments, count=CountMethod.exact).select(columns)

        return self._client._all(query)


def _work(
    account: UUID | str | None,
    usage: Usage | Mapping[str, Any] | None,
    format: str | None,  # noqa: A002 - the API's own name
    generation: UUID | str | None,
    reported_cost: Decimal | int | None,
    account_owner: UUID | str | None,
    owner: UUID | str | None,
    **others: Any,
) -> dict[str, Any]:
    """What a generation cost, as it is sent."""
    return given(
        account=None if account is None else str(account),
        usage=usage if usage is None or format is not None else usage_to_json(usage),
        format=format,
        generation=None if generation is None else str(generation),
        reported_cost=exact_cost(reported_cost),
        account_owner=None if account_owner is None else str(account_owner),
        owner=None if owner is None else str(owner),
        **others,
    )
