"""`ratebook wallet …`: grant, hold, charge, refund, settle, take back, move, and look into accounts."""

import csv
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from ratebook.cli import plots, registry, service

if TYPE_CHECKING:
    from ratebook import Account, Balance, BudgetWarning, Charged, Client, LedgerEntry

app = typer.Typer(
    help="Accounts of the credit wallet: grant, hold, charge, refund. Needs the service key; for balance, grant, refund"
    " and check an admin's token does.",
    no_args_is_help=True,
)

AccountId = Annotated[
    UUID, typer.Argument(metavar="ACCOUNT", help="A lenser's id, or that of a shared account.")
]
Owner = Annotated[
    UUID | None,
    typer.Option(
        help="The account's lenser; looked up unless given, required behind a front of shards."
    ),
]
HoldId = Annotated[UUID, typer.Argument(metavar="HOLD", help="Id of the hold.")]
IdempotencyKey = Annotated[
    str | None,
    typer.Option(help="A name for this request: the same again takes effect once."),
]
ModelName = Annotated[str, typer.Argument(metavar="MODEL", help="Key, id or alias of the model.")]
ExternalRef = Annotated[
    str | None,
    typer.Option(help="Id of the event behind it, such as a payment's: counts once."),
]
Spender = Annotated[
    str | None, typer.Option("--lenser", help="The member who spends; else the owner.")
]
Estimated = Annotated[
    bool, typer.Option("--estimated", help="It may be settled later: ratebook wallet settle.")
]
ReportedCost = Annotated[
    str | None,
    typer.Option(
        "--reported-cost",
        metavar="COST",
        help="What the provider says that it cost, instead of prices.",
    ),
]
ReportedCurrency = Annotated[
    str | None,
    typer.Option("--reported-currency", help="The currency of that cost; else the model's."),
]
Feature = Annotated[str | None, typer.Option(help="The feature it is for.")]
ServiceTier = Annotated[str | None, typer.Option(help="Such as batch.")]
Variant = Annotated[str | None, typer.Option(help="Such as an image size.")]
Region = Annotated[str | None, typer.Option(help="Region of the service.")]


@app.command()
def balance(
    account: AccountId,
    at: registry.At = None,
    owner: Owner = None,
    as_json: registry.Json = False,
    url: registry.Url = None,
    key: service.AdminKey = None,
) -> None:
    """Show what an account has, now or at a time before."""
    time = registry._time(at)
    with _account(url, key, account, owner) as asked:
        found = asked.balance(at=time)
    if as_json:
        registry._print_json(asdict(found))
    else:
        facts = {"available": found.available, "posted": found.posted, "reserved": found.reserved}
        if found.upcoming:
            facts["upcoming"] = found.upcoming
        if found.debt:
            facts["debt"] = found.debt
        _print_facts(facts | {"overdraft limit": found.overdraft_limit})


@app.command()
def grant(
    account: AccountId,
    amount: Annotated[str, typer.Argument(help="Credits.")],
    source: Annotated[str | None, typer.Option(help="Such as purchase; else manual.")] = None,
    priority: Annotated[int | None, typer.Option(help="Lower burns first; else 0.")] = None,
    starts_at: Annotated[
        str | None, typer.Option(help="Before, nothing can be spent of it; else now.")
    ] = None,
    expires_at: Annotated[str | None, typer.Option(help="When the rest ends; else never.")] = None,
    external_ref: ExternalRef = None,
    idempotency_key: IdempotencyKey = None,
    owner: Owner = None,
    as_json: registry.Json = False,
    url: registry.Url = None,
    key: service.AdminKey = None,
) -> None:
    """Put credits into an account."""
    credits_ = _amount(amount)
    start, end = registry._time(starts_at), registry._time(expires_at)
    with _account(url, key, account, owner, retry=True) as asked:
        granted = asked.grant(
            credits_,
            source=source,
            priority=priority,
            starts_at=start,
            expires_at=end,
            external_ref=external_ref,
            idempotency_key=idempotency_key,
        )
    if as_json:
        registry._print_json(asdict(granted))
    else:
        _print_done("granted", granted.amount, granted.balance, {"lot": granted.grant_id})


@app.command()
def charge(
    account: AccountId,
    name: ModelName,
    usage: Annotated[
        list[str] | None, typer.Argument(metavar="USAGE", help=registry._USAGE)
    ] = None,
    format: registry.Format = None,  # noqa: A002 - the API's own name
    feature: Feature = None,
    service_tier: ServiceTier = None,
    variant: Variant = None,
    region: Region = None,
    lenser: Spender = None,
    estimated: Estimated = False,
    cost: ReportedCost = None,
    currency: ReportedCurrency = None,
    idempotency_key: IdempotencyKey = None,
    owner: Owner = None,
    as_json: registry.Json = False,
    url: registry.Url = None,
    key: service.Key = None,
) -> None:
    """Charge what a usage of a model costs, or what the provider says that it cost."""
    if not usage and cost is None:
        raise typer.BadParameter("Give a usage, or the cost that the provider reported.")
    quantities = registry._usage(usage, format) if usage else None
    reported = None if cost is None else _cost(cost)
    with _account(url, key, account, owner, retry=True) as asked:
        charged = asked.charge(
            name,
            quantities,
            format=format,
            feature=feature,
            service_tier=service_tier,
            variant=variant,
            region=region,
            lenser=lenser,
            estimated=estimated or None,
            reported_cost=reported,
            reported_currency=currency,
            idempotency_key=idempotency_key,
        )
    _print_charged(charged, as_json)


@app.command()
def hold(
    account: AccountId,
    amount: Annotated[
        str | None, typer.Argument(help="Credits; else what --usage of --model costs.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="The model that will be asked.")] = None,
    usage: Annotated[
        list[str] | None,
        typer.Option(
            metavar="USAGE", help=f"What is expected: {registry._USAGE} May be given repeatedly."
        ),
    ] = None,
    format: registry.Format = None,  # noqa: A002 - the API's own name
    minutes: Annotated[
        int | None,
        typer.Option(min=1, max=7 * 24 * 60, help="Until it times out; 15 unless given."),
    ] = None,
    feature: Feature = None,
    service_tier: ServiceTier = None,
    variant: Variant = None,
    region: Region = None,
    lenser: Spender = None,
    idempotency_key: IdempotencyKey = None,
    owner: Owner = None,
    as_json: registry.Json = False,
    url: registry.Url = None,
    key: service.Key = None,
) -> None:
    """Keep credits back for work that is about to begin."""
    credits_ = None if amount is None else _amount(amount)
    expected = registry._usage(usage, format) if usage else None
    with _account(url, key, account, owner, retry=True) as asked:
        made = asked.authorize(
            credits_,
            model=model,
            usage=expected,
            format=format,
            feature=feature,
            service_tier=service_tier,
            variant=variant,
            region=region,
            expires_in=None if minutes is None else timedelta(minutes=minutes),
            lenser=lenser,
            idempotency_key=idempotency_key,
        )
    if as_json:
        registry._print_json(
            {
                "hold_id": made.id,
                "amount": made.amount,
                "expires_at": made.expires_at,
                "balance": asdict(made.balance),
                "warnings": [asdict(warning) for warning in made.warnings],
            }
        )
    else:
        facts = {"hold": made.id, "expires": registry._utc(made.expires_at)}
        _print_done("held", made.amount, made.balance, facts, made.warnings)


@app.command()
def capture(
    hold_id: HoldId,
    amount: Annotated[
        str | None, typer.Argument(help="Credits; else what --usage costs, or all that was held.")
    ] = None,
    usage: Annotated[
        list[str] | None,
        typer.Option(metavar="USAGE", help=f"{registry._USAGE} May be given repeatedly."),
    ] = None,
    format: registry.Format = None,  # noqa: A002 - the API's own name
    estimated: Estimated = False,
    cost: ReportedCost = None,
    currency: ReportedCurrency = None,
    owner: Owner = None,
    as_json: registry.Json = False,
    url: registry.Url = None,
    key: service.Key = None,
) -> None:
    """Charge what was held, or an amount, or a usage at the prices of the hold."""
    credits_ = None if amount is None else _amount(amount)
    quantities = registry._usage(usage, format) if usage else None
    with _client(url, key, retry=True) as client:
        charged = client.capture_hold(
            hold_id,
            credits_,
            usage=quantities,
            format=format,
            estimated=estimated or None,
            reported_cost=None if cost is None else _cost(cost),
            reported_currency=currency,
            owner=owner,
        )
    _print_charged(charged, as_json)


@app.command()
def release(
    hold_id: HoldId,
    owner: Owner = None,
    as_json: registry.Json = False,
    url: registry.Url = None,
    key: service.Key = None,
) -> None:
    """Give back what a hold keeps; done twice, it changes nothing."""
    with _client(url, key, retry=True) as client:
        released = client.release_hold(hold_id, owner=owner)
    if as_json:
        registry._print_json(asdict(released))
    else:
        _print_facts({released.status: released.hold_id, "available": released.balance.available})


@app.command()
def refund(
    charge_id: Annotated[UUID, typer.Argument(metavar="CHARGE", help="Id of the charge.")],
    amount: Annotated[
        str | None, typer.Argument(help="Credits; else all that is left of it.")
    ] = None,
    reason: Annotated[str | None, typer.Option(help="For the ledger.")] = None,
    extend_to: Annotated[
        str | None, typer.Option(help="A new end for lots that have expired since.")
    ] = None,
    idempotency_key: IdempotencyKey = None,
    owner: Owner = None,
    as_json: registry.Json = False,
    url: registry.Url = None,
    key: service.AdminKey = None,
) -> None:
    """Give back a charge, or a part of it, to the lots that paid."""
    credits_ = None if amount is None else _amount(amount)
    end = registry._time(extend_to)
    with _client(url, key, retry=True) as client:
        refunded = client.refund_charge(
            charge_id,
            credits_,
            reason=reason,
            extend_to=end,
            idempotency_key=idempotency_key,
            owner=owner,
        )
    if as_json:
        registry._print_json(asdict(refunded))
    else:
        facts = {"refunded in all": refunded.refunded}
        _print_done("refunded", refunded.amount, refunded.balance, facts)


@app.command()
def settle(
    charge_id: Annotated[UUID, typer.Argument(metavar="CHARGE", help="Id of the estimate.")],
    amount: Annotated[
        str | None, typer.Argument(help="Credits; else what --usage or --reported-cost comes to.")
    ] = None,
    usage: Annotated[
        list[str] | None,
        typer.Option(metavar="USAGE", help=f"{registry._USAGE} May be given repeatedly."),
    ] = None,
    format: registry.Format = None,  # noqa: A002 - the API's own name
    cost: ReportedCost = None,
    currency: ReportedCurrency = None,
    idempotency_key: IdempotencyKey = None,
    owner: Owner = None,
    as_json: registry.Json = False,
    url: registry.Url = None,
    key: service.Key = None,
) -> None:
    """Let an estimated charge give way to the provider's figure."""
    credits_ = None if amount is None else _amount(amount)
    quantities = registry._usage(usage, format) if usage else None
    with _client(url, key, retry=True) as client:
        settled = client.settle_charge(
            charge_id,
            quantities,
            format=format,
            amount=credits_,
            reported_cost=None if cost is None else _cost(cost),
            reported_currency=currency,
            idempotency_key=idempotency_key,
            owner=owner,
        )
    if as_json:
        registry._print_json(asdict(settled))
    else:
        facts = {"difference": settled.difference, "charge": settled.charge_id}
        _print_done("charged", settled.credits, settled.balance, facts, settled.warnings)


@app.command()
def revoke(
    lot: Annotated[
        UUID | None,
        typer.Argument(metavar="LOT", help="Id of the lot; else --source and --payment."),
    ] = None,
    amount: Annotated[
        str | None, typer.Option(help="Credits; else all that can be taken back.")
    ] = None,
    source: Annotated[str | None, typer.Option(help="The source of the grant.")] = None,
    payment: Annotated[str | None, typer.Option(help="The external_ref of the grant.")] = None,
    reason: Annotated[str | None, typer.Option(help="For the ledger.")] = None,
    external_ref: ExternalRef = None,
    idempotency_key: IdempotencyKey = None,
    owner: Owner = None,
    as_json: registry.Json = False,
    url: registry.Url = None,
    key: service.Key = None,
) -> None:
    """Take back what a payment granted: what was spent of it is owed."""
    credits_ = None if amount is None else _amount(amount)
    with _client(url, key, retry=True) as client:
        revoked = client.revoke_grant(
            lot,
            credits_,
            payment_source=source,
            payment_ref=payment,
            reason=reason,
            external_ref=external_ref,
            idempotency_key=idempotency_key,
            owner=owner,
        )
    if as_json:
        registry._print_json(asdict(revoked))
    else:
        facts = {
            "from its lot": revoked.from_lot,
            "held": revoked.held,
            "owed": revoked.owed,
            "lot": revoked.grant_id,
        }
        _print_done("taken back", revoked.amount, revoked.balance, facts)


@app.command()
def move(
    account: AccountId,
    to: Annotated[UUID, typer.Argument(metavar="TO", help="The account that gets them.")],
    amount: Annotated[str, typer.Argument(help="Credits.")],
    reason: Annotated[str | None, typer.Option(help="For the ledger.")] = None,
    idempotency_key: IdempotencyKey = None,
    owner: Owner = None,
    to_owner: Annotated[
        UUID | None, typer.Option(help="The other account's lenser, likewise.")
    ] = None,
    as_json: registry.Json = False,
    url: registry.Url = None,
    key: service.Key = None,
) -> None:
    """Move credits to another account, lots with their terms."""
    credits_ = _amount(amount)
    with _account(url, key, account, owner, retry=True) as asked:
        moved = asked.move(
            to, credits_, reason=reason, to_owner=to_owner, idempotency_key=idempotency_key
        )
    if as_json:
        registry._print_json(asdict(moved))
    else:
        facts = {
            "moved": moved.amount,
            "lots": moved.lots,
            "available": moved.from_balance.available,
            "available there": moved.to_balance.available,
        }
        _print_facts(facts)


@app.command()
def statement(
    account: AccountId,
    since: Annotated[
        str | None, typer.Option(help="From this time on; UTC unless it says.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="Before this time.")] = None,
    newest_first: Annotated[
        bool, typer.Option("--newest-first", help="The last at the top.")
    ] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many entries.")] = None,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Print CSV with every column; amounts are exact.")
    ] = False,
    bucket: Annotated[
        str, typer.Option(help="Of the drawn balances: hour, day, week or month.")
    ] = "day",
    time_zone: Annotated[str, typer.Option(help="Whose clocks these go by.")] = "UTC",
    plot: plots.Plot = False,
    svg: plots.Svg = None,
    png: plots.Png = None,
    as_json: registry.Json = False,
    owner: Owner = None,
    url: registry.Url = None,
    key: service.Key = None,
) -> None:
    """List what changed a balance, the oldest first, or draw the balance; drawings need the extra `plots`."""
    if as_csv and as_json:
        raise typer.BadParameter("Choose --csv or --json.")
    from_time, to_time = registry._time(since), registry._time(until)
    with _account(url, key, account, owner) as asked:
        if plot or svg or png:
            from_time = from_time or datetime.now(UTC) - timedelta(days=30)
            past = asked.balance_history(from_time, to_time, bucket=bucket, time_zone=time_zone)
            line = [(one.ends_at, float(one.balance)) for one in past]
            plots.show(f"balance of {account}", [("credits", line)], plot=plot, svg=svg, png=png)
            return
        entries = asked.statement(since=from_time, until=to_time, newest_first=newest_first)
        listed = islice(entries, limit)
        if as_json:
            registry._print_json([asdict(entry) for entry in listed])
        elif as_csv:
            _print_csv(listed)
        else:
            _print_entries(listed)


@app.command()
def lots(
    account: AccountId,
    owner: Owner = None,
    as_json: registry.Json = False,
    url: registry.Url = None,
    key: service.Key = None,
) -> None:
    """List the lots that hold something, in the order in which they burn."""
    with _account(url, key, account, owner) as asked:
        found = asked.lots()
    if as_json:
        registry._print_json([asdict(lot) for lot in found])
        return
    table = registry._table(
        "remaining", "amount", "reserved", "priority", "expires", "source", "id"
    )
    for column in table.columns[:4]:
        column.justify = "right"
    for lot in found:
        table.add_row(
            registry._plain(lot.remaining),
            registry._plain(lot.amount),
            registry._plain(lot.reserved),
            str(lot.priority),
            registry._utc(lot.expires_at) if lot.expires_at else "never",
            lot.source,
            str(lot.id),
        )
    registry._print(table)


@app.command()
def budgets(
    lenser: Annotated[UUID, typer.Argument(metavar="LENSER", help="Whose spending they limit.")],
    as_json: registry.Json = False,
    url: registry.Url = None,
    key: service.Key = None,
) -> None:
    """List how much a lenser may spend in a day, a week or a month, from whichever account."""
    with _client(url, key) as client:
        found = client.budgets(lenser)
    if as_json:
        registry._print_json([asdict(budget) for budget in found])
        return
    table = registry._table("period", "time zone", "warns", "refuses", "active", "model", "feature")
    for column in table.columns[2:4]:
        column.justify = "right"
    for budget in found:
        table.add_row(
            budget.period,
            budget.time_zone,
            "never" if budget.soft_limit is None else registry._plain(budget.soft_limit),
            "never" if budget.hard_limit is None else registry._plain(budget.hard_limit),
            "yes" if budget.is_active else "",
            str(budget.model_id or "all"),
            str(budget.feature_id or "all"),
        )
    registry._print(table)


@app.command()
def sweep(
    at_most: Annotated[int, typer.Option(min=1, max=1000, help="Accounts at once.")] = 100,
    url: registry.Url = None,
    key: service.Key = None,
) -> None:
    """Write down what time did to accounts: lots that expired, holds that timed out, allowances that are due."""
    with _client(url, key, retry=True) as client:
        typer.echo(f"{client.sweep_accounts(at_most)} accounts were settled.")


@app.command()
def check(
    since: Annotated[
        str | None,
        typer.Option(help="Only what was written from this time on; UTC unless it says."),
    ] = None,
    from_account: Annotated[
        UUID | None, typer.Option("--from", help="From this account on, by the ids.")
    ] = None,
    to_account: Annotated[UUID | None, typer.Option("--to", help="Up to this account.")] = None,
    as_json: registry.Json = False,
    url: registry.Url = None,
    key: service.AdminKey = None,
) -> None:
    """Check every invariant of the wallet, over everything unless a part is named; exits with 1 where one is broken."""
    start = registry._time(since)
    with _client(url, key) as client:
        checks = client.check_wallets(since=start, from_account=from_account, to_account=to_account)
    if as_json:
        registry._print_json([asdict(found) for found in checks])
    else:
        table = registry._table("check", "", "")
        for found in checks:
            is_broken = found.severity != "ok"
            table.add_row(found.check_name, found.severity, found.message if is_broken else "")
        registry._print(table)
    if any(found.severity != "ok" for found in checks):
        raise typer.Exit(1)


# ------------------------------------------------------------------ what is asked


def _client(
    url: str | None, key: str | None, *, retry: bool = False
) -> AbstractContextManager["Client"]:
    return service.client(url, key, "The wallet", retry=retry)


@contextmanager
def _account(
    url: str | None,
    key: str | None,
    account: UUID,
    owner: UUID | None,
    *,
    retry: bool = False,
) -> Iterator["Account"]:
    with _client(url, key, retry=retry) as client:
        yield client.account(account, owner=owner)


def _amount(text: str) -> Decimal:
    return _number(text, "an amount of credits, such as 12.5")


def _cost(text: str) -> Decimal:
    return _number(text, "a cost, such as 0.00014")


def _number(text: str, what: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise typer.BadParameter(f"{text!r} is not {what}.") from None


# ------------------------------------------------------------------ what is printed


def _print_charged(charged: "Charged", as_json: bool) -> None:
    if as_json:
        registry._print_json(asdict(charged))
        return
    facts: dict[str, Any] = {"charge": charged.charge_id}
    if charged.cost is not None:
        facts["cost"] = f"{registry._plain(charged.cost, decimals=6)} {charged.currency}"
    _print_done("charged", charged.credits, charged.balance, facts, charged.warnings)


def _print_done(
    what: str,
    amount: Decimal,
    balance: "Balance",
    facts: dict[str, Any],
    warnings: Iterable["BudgetWarning"] = (),
) -> None:
    _print_facts({what: amount, **facts, "available": balance.available})
    for warning in warnings:
        typer.echo(
            f"warning: {registry._plain(warning.spent)} credits are spent this {warning.period};"
            f" the soft limit is {registry._plain(warning.limit)}.",
            err=True,
        )


def _print_facts(facts: dict[str, Any]) -> None:
    for name, value in facts.items():
        typer.echo(f"{name} {registry._plain(value) if isinstance(value, Decimal) else value}")


def _print_entries(entries: Iterable["LedgerEntry"]) -> None:
    table = registry._table(
        "number", "time (UTC)", "kind", "amount", "balance", "model", "feature", "reason"
    )
    for column in (table.columns[0], *table.columns[3:5]):
        column.justify = "right"
    for entry in entries:
        table.add_row(
            str(entry.number),
            registry._utc(entry.created_at),
            entry.kind,
            registry._plain(entry.amount),
            registry._plain(entry.balance_after),
            entry.model or "",
            entry.feature or "",
            entry.reason or "",
        )
    registry._print(table)


def _print_csv(entries: Iterable["LedgerEntry"]) -> None:
    from ratebook import LedgerEntry

    columns = [column.name for column in fields(LedgerEntry)]
    writer = csv.DictWriter(sys.stdout, columns, lineterminator="\n")
    writer.writeheader()
    for entry in entries:
        row = asdict(entry).items()
        writer.writerow({name: None if value is None else _cell(value) for name, value in row})


def _cell(value: Any) -> str:
    if isinstance(value, dict):
        return json.dumps(value, default=registry._to_json)
    return str(value) if isinstance(value, int | str) else registry._to_json(value)
