"""`ratebook evaluation …`: which model was better. Needs the module `execution` in the database."""

from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from ratebook.cli import registry, service
from ratebook.cli.wallet import (
    Estimated,
    Region,
    ReportedCost,
    ReportedCurrency,
    ServiceTier,
    Variant,
    _amount,
)

if TYPE_CHECKING:
    from ratebook import Evaluation, Run, Scored, Standing, Submitted

app = typer.Typer(
    help="Evaluations: contenders answer cases, judges score the answers, a leaderboard says who was better."
    " Submissions and models' scores need the service key; the rest a token of the owner or of an admin; a leaderboard"
    " that is public, any key.",
    no_args_is_help=True,
)

EvaluationId = Annotated[
    UUID, typer.Argument(metavar="EVALUATION", help="Id of the evaluation, as create prints it.")
]
RunId = Annotated[UUID, typer.Argument(metavar="RUN", help="Id of the run, as run prints it.")]
Owner = Annotated[
    UUID | None,
    typer.Option(
        help="The evaluation's lenser; looked up unless given, required behind a front of shards."
    ),
]
Contenders = Annotated[
    list[str] | None,
    typer.Option(
        "--contender",
        help="A model, or profile:NAME of ai.model_profiles; LABEL=… before it gives it a name. Repeatable.",
    ),
]
Judges = Annotated[
    list[str] | None,
    typer.Option(
        "--judge",
        help="A model, or person:ID of a lenser; LABEL=… before it gives it a name. Repeatable.",
    ),
]
Account = Annotated[
    UUID | None, typer.Option(help="The account that pays; or say which --generation there is.")
]
Usage = Annotated[
    list[str] | None,
    typer.Option(
        "--usage",
        help="METER=QUANTITY such as input=1000, repeated; or a JSON object, @FILE, or - for standard input.",
    ),
]
Generation = Annotated[
    UUID | None, typer.Option(help="A generation of the evaluation's owner that is there already.")
]
Prompt = Annotated[str | None, typer.Option(help="What was asked.")]
Output = Annotated[str | None, typer.Option(help="What was answered; @FILE reads it.")]
Latency = Annotated[int | None, typer.Option("--latency-ms", help="Milliseconds.")]
OnlyRun = Annotated[UUID | None, typer.Option("--run", help="Of this run; else of all.")]


@app.command()
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Unique among the owner's.")],
    contender: Contenders = None,
    judge: Judges = None,
    description: Annotated[str | None, typer.Option(help="For people.")] = None,
    feature: Annotated[str | None, typer.Option(help="Key of the feature.")] = None,
    public: Annotated[bool, typer.Option("--public", help="Everybody may read it.")] = False,
    self_judging: Annotated[
        bool, typer.Option("--allow-self-judging", help="A model may score its own answers.")
    ] = False,
    lenser: Annotated[
        UUID | None, typer.Option(help="The owner, where it is not who asks.")
    ] = None,
    draft: Annotated[bool, typer.Option("--draft", help="Do not open it yet.")] = False,
    as_json: registry.Json = False,
    url: registry.Url = None,
    key: service.AdminKey = None,
) -> None:
    """Make an evaluation, and open it."""
    contenders = [_participant(text, "profile") for text in contender or ()]
    judges = [_participant(text, "person") for text in judge or ()]
    with registry._client(*service._where(url, key), retry=True) as client:
        made = client.evaluations.create(
            name,
            contenders=contenders,
            judges=judges,
            description=description,
            feature=feature,
            visibility="public" if public else None,
            allows_self_judging=self_judging or None,
            lenser=lenser,
        )
        if not draft and made.state == "draft":
            made = client.evaluations.change(made.id, state="open", owner=made.lenser_id)
    _print_evaluation(made, as_json)


@app.command()
def change(
    evaluation: EvaluationId,
    state: Annotated[str | None, typer.Option(help="open or closed.")] = None,
    visibility: Annotated[str | None, typer.Option(help="private or public.")] = None,
    name: Annotated[str | None, typer.Option(help="A new name.")] = None,
    description: Annotated[str | None, typer.Option(help="For people.")] = None,
    contender: Contenders = None,
    judge: Judges = None,
    owner: Owner = None,
    as_json: registry.Json = False,
    url: registry.Url = None,
    key: service.AdminKey = None,
) -> None:
    """Open, close, show or rename an evaluation, or add who takes part."""
    with registry._client(*service._where(url, key), retry=True) as client:
        changed = client.evaluations.change(
            evaluation,
            state=state,
            visibility=visibility,
            name=name,
            description=description,
            add_contenders=[_participant(text, "profile") for text in contender or ()],
            add_judges=[_participant(text, "person") for text in judge or ()],
            owner=owner,
        )
    _print_evaluation(changed, as_json)


@app.command("list")
def list_(
    every: Annotated[bool, typer.Option("--all", help="Everybody's, for admins.")] = False,
    as_json: registry.Json = False,
    url: registry.Url = None,
    key: service.AdminKey = None,
) -> None:
    """List one's own evaluations and the public ones, the newest first."""
    with registry._client(*service._where(url, key)) as client:
        found = client.evaluations.all(as_admin=every)
    if as_json:
        registry._print_json([asdict(one) for one in found])
        return
    table = registry._table("name", "state", "visibility", "feature", "created", "evaluation")
    for one in found:
        table.add_row(
            one.name,
            one.state,
            one.visibility,
            one.feature_key or "",
            registry._utc(one.created_at),
            str(one.id),
        )
    registry._print(table)


@app.command()
def run(
    evaluation: EvaluationId,
    run_key: Annotated[
        str, typer.Argument(metavar="KEY", help="The run's name, such as a date or a commit.")
    ],
    finish: Annotated[bool, typer.Option("--finish", help="End it: all is scored.")] = False,
    cancel: Annotated[
        bool, typer.Option("--cancel", help="End it: it counts in no leaderboard.")
    ] = False,
    owner: Owner = None,
    as_json: registry.Json = False,
    url: registry.Url = None,
    key: service.AdminKey = None,
) -> None:
    """Start the run of that key, or the end of it; the same again changes nothing."""
    if finish and cancel:
        raise typer.BadParameter("Choose --finish or --cancel.")
    with registry._client(*service._where(url, key), retry=True) as client:
        found = client.evaluations.start_run(evaluation, run_key, owner=owner)
        if finish or cancel:
            found = client.evaluations.finish_run(
                found.id, "finished" if finish else "cancelled", owner=owner
            )
    _print_run(found, as_json)


@app.command()
def submit(
    run_id: RunId,
    contender: Annotated[
        str, typer.Argument(metavar="CONTENDER", help="Id, name or model of the contender.")
    ],
    case: Annotated[
        str, typer.Argument(metavar="CASE", help="Name of the case, the same for all contenders.")
    ],
    account: Account = None,
    usage: Usage = None,
    format: registry.Format = None,  # noqa: A002 - the API's own name
    service_tier: ServiceTier = None,
    variant: Variant = None,
    region: Region = None,
    generation: Generation = None,
    prompt: Prompt = None,
    output: Output = None,
    latency_ms: Latency = None,
    estimated: Estimated = False,
    reported_cost: ReportedCost = None,
    reported_currency: ReportedCurrency = None,
    owner: Owner = None,
    as_json: registry.Json = False,
    url: registry.Url = None,
    key: service.Key = None,
) -> None:
    """Record what a contender answered to a case, and charge it."""
    quantities = registry._usage(usage, format) if usage else None
    with service.client(url, key, "A submission", retry=True) as client:
        submitted = client.evaluations.submit(
            run_id,
            contender,
            case,
            account=account,
            usage=quantities,
            format=format,
            service_tier=service_tier,
            variant=variant,
            region=region,
            generation=generation,
            prompt=_text(prompt),
            output=_text(output),
            latency_ms=latency_ms,
            estimated=estimated or None,
            reported_cost=None if reported_cost is None else _amount(reported_cost),
            reported_currency=reported_currency,
            owner=owner,
        )
    _print_made("submission", submitted.submission_id, submitted, as_json)


@app.command()
def score(
    submission: Annotated[
        UUID,
        typer.Argument(metavar="SUBMISSION", help="Id of the submission, as submit prints it."),
    ],
    value: Annotated[str, typer.Argument(metavar="VALUE", help="More is better.")],
    judge: Annotated[
        str | None,
        typer.Option(help="Id, name or model of the judge; left out by a person who is one."),
    ] = None,
    rationale: Annotated[str | None, typer.Option(help="Why.")] = None,
    account: Account = None,
    usage: Usage = None,
    format: registry.Format = None,  # noqa: A002 - the API's own name
    service_tier: ServiceTier = None,
    variant: Variant = None,
    region: Region = None,
    generation: Generation = None,
    prompt: Prompt = None,
    output: Output = None,
    latency_ms: Latency = None,
    estimated: Estimated = False,
    reported_cost: ReportedCost = None,
    reported_currency: ReportedCurrency = None,
    owner: Owner = None,
    as_json: registry.Json = False,
    url: registry.Url = None,
    key: service.AdminKey = None,
) -> None:
    """Record what a judge made of a submission: a model's with the service key, one's own with one's token."""
    points = _amount(value)
    quantities = registry._usage(usage, format) if usage else None
    with registry._client(*service._where(url, key), retry=True) as client:
        scored = client.evaluations.score(
            submission,
            points,
            rationale=rationale,
            judge=judge,
            account=account,
            usage=quantities,
            format=format,
            service_tier=service_tier,
            variant=variant,
            region=region,
            generation=generation,
            prompt=_text(prompt),
            output=_text(output),
            latency_ms=latency_ms,
            estimated=estimated or None,
            reported_cost=None if reported_cost is None else _amount(reported_cost),
            reported_currency=reported_currency,
            owner=owner,
        )
    _print_made("score", scored.score_id, scored, as_json)


@app.command("to-score")
def to_score(
    run_id: Annotated[
        UUID | None, typer.Option("--run", help="Of this run; a person may leave it out.")
    ] = None,
    judge: Annotated[str | None, typer.Option(help="Which model, with the service key.")] = None,
    owner: Owner = None,
    as_json: registry.Json = False,
    url: registry.Url = None,
    key: service.AdminKey = None,
) -> None:
    """List what a judge has left to score; whose it is, it does not tell."""
    with registry._client(*service._where(url, key)) as client:
        found = client.evaluations.to_score(run_id, judge=judge, owner=owner)
    if as_json:
        registry._print_json([asdict(one) for one in found])
        return
    table = registry._table("evaluation", "run", "case", "submission", "output")
    for one in found:
        table.add_row(
            one.evaluation, one.run_key, one.case_key, str(one.submission_id), one.output or ""
        )
    registry._print(table)


@app.command()
def leaderboard(
    evaluation: EvaluationId,
    run_id: OnlyRun = None,
    plot: Annotated[bool, typer.Option("--plot", help="Draw the ratings in the terminal.")] = False,
    svg: Annotated[Path | None, typer.Option(help="Draw them into an SVG file.")] = None,
    png: Annotated[Path | None, typer.Option(help="Draw them into a PNG file.")] = None,
    owner: Owner = None,
    as_json: registry.Json = False,
    url: registry.Url = None,
    key: service.AdminKey = None,
) -> None:
    """Show who was better, with 95 % intervals; drawings need the extra `plots` of the package."""
    with registry._client(*service._where(url, key)) as client:
        found = client.evaluations.leaderboard(evaluation, run_id, owner=owner)
    if plot or svg or png:
        from ratebook.cli import plots

        for file in filter(None, (svg, png)):
            plots.draw_ratings(found, file, "svg" if file is svg else "png")
            typer.echo(f"drawn into {file}", err=True)
        if plot:
            typer.echo(plots.ratings_in_terminal(found))
        return
    if as_json:
        registry._print_json([asdict(one) for one in found])
        return
    table = registry._table(
        "place", "contender", "rating", "interval", "wins", "of", "mean", "scores"
    )
    for heading in (*table.columns[2:3], *table.columns[4:]):
        heading.justify = "right"
    for one in found:
        table.add_row(
            "-" if one.place is None else str(one.place),
            one.contender,
            f"{one.rating:+.2f}",
            _interval(one),
            registry._plain(one.wins),
            str(one.comparisons),
            "" if one.mean is None else registry._plain(round(one.mean, 3)),
            str(one.scores),
        )
    registry._print(table)
    if found and not found[0].is_connected:
        typer.echo(
            "Not all were compared, not even through others: their ratings say little of each other."
        )


@app.command()
def costs(
    evaluation: EvaluationId,
    run_id: OnlyRun = None,
    owner: Owner = None,
    as_json: registry.Json = False,
    url: registry.Url = None,
    key: service.AdminKey = None,
) -> None:
    """Show what it cost in credits, by contender."""
    with registry._client(*service._where(url, key)) as client:
        found = client.evaluations.costs(evaluation, run_id, owner=owner)
    if as_json:
        registry._print_json([asdict(one) for one in found])
        return
    table = registry._table("contender", "submissions", "judgements", "refunded", "credits")
    for heading in table.columns[1:]:
        heading.justify = "right"
    for one in found:
        table.add_row(
            one.contender,
            registry._plain(one.submission_credits),
            registry._plain(one.judgement_credits),
            registry._plain(one.refunded),
            registry._plain(one.credits),
        )
    total = sum((one.credits for one in found), Decimal(0))
    table.add_row("all", "", "", "", registry._plain(total))
    registry._print(table)


def _participant(text: str, other: str) -> dict[str, str]:
    """`LABEL=MODEL`, `profile:NAME` or `person:ID` as the API takes it."""
    label, separator, named = text.rpartition("=")
    entry = {"name": label} if separator else {}
    kind, colon, value = named.partition(":")
    return entry | ({other: value} if colon and kind == other else {"model": named})


def _text(given: str | None) -> str | None:
    if given is None or not given.startswith("@"):
        return given
    try:
        return Path(given[1:]).read_text()
    except (OSError, UnicodeDecodeError):
        raise typer.BadParameter(f"{given[1:]} cannot be read.") from None


def _interval(one: "Standing") -> str:
    if one.rating_low is None or one.rating_high is None:
        return ""
    return f"{one.rating_low:+.2f} to {one.rating_high:+.2f}"


def _print_evaluation(one: "Evaluation", as_json: bool) -> None:
    if as_json:
        registry._print_json(asdict(one))
    else:
        _print_facts([("evaluation", one.id), ("state", one.state), ("visibility", one.visibility)])


def _print_run(one: "Run", as_json: bool) -> None:
    if as_json:
        registry._print_json(asdict(one))
    else:
        _print_facts([("run", one.id), ("state", one.state)])


def _print_made(what: str, id_: UUID, made: "Submitted | Scored", as_json: bool) -> None:
    if as_json:
        registry._print_json(asdict(made))
        return
    facts: list[tuple[str, Any]] = [(what, id_)]
    if made.credits is not None:
        facts.append(("credits", registry._plain(made.credits)))
    if made.balance is not None:
        facts.append(("available", registry._plain(made.balance.available)))
    _print_facts(facts)


def _print_facts(facts: Sequence[tuple[str, Any]]) -> None:
    for name, value in facts:
        typer.echo(f"{name:11} {value}")
