"""`ratebook admin`: change models and prices, and see who did."""

import csv
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ratebook.cli import registry, service
from ratebook.cli.registry import At, Json, Name, Url
from ratebook.errors import Conflict, NotAllowed, RatebookError

if TYPE_CHECKING:
    from ratebook import AuditEntry, Client, Model

app = typer.Typer(
    help="Change models and prices, and see who did; needs the service key or an admin's token.",
    no_args_is_help=True,
)

Names = Annotated[
    list[str], typer.Argument(metavar="NAME...", help="Keys, ids or aliases of the models.")
]
Key = service.AdminKey


@app.command()
def activate(models: Names, as_json: Json = False, url: Url = None, key: Key = None) -> None:
    """Open models for new work, all or none; a retired one is active again."""
    with _client(url, key) as client:
        _print_models(client.activate_models(*models), as_json)


@app.command()
def deactivate(models: Names, as_json: Json = False, url: Url = None, key: Key = None) -> None:
    """Close models to new work, all or none."""
    with _client(url, key) as client:
        _print_models(client.deactivate_models(*models), as_json)


@app.command("set-default")
def set_default(name: Name, as_json: Json = False, url: Url = None, key: Key = None) -> None:
    """Make a model the default of its modality and task."""
    with _client(url, key) as client:
        _print_models([client.set_default_model(name)], as_json)


@app.command()
def retire(
    name: Name,
    successor: Annotated[
        str | None, typer.Option(help="The model that its names lead to from now on.")
    ] = None,
    reroute: Annotated[
        bool | None,
        typer.Option(
            help="Whether its routes, and its place as the default, move to the successor; they do unless told.",
            show_default=False,
        ),
    ] = None,
    as_json: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Take a model out of service; `activate` takes it back."""
    with _client(url, key) as client:
        _print_models([client.retire_model(name, successor, reroute=reroute)], as_json)


@app.command()
def merge(
    duplicate: Annotated[
        str, typer.Argument(metavar="DUPLICATE", help="Key, id or alias of the model that goes.")
    ],
    into: Annotated[
        str, typer.Argument(metavar="INTO", help="Key, id or alias of the one that stays.")
    ],
    as_json: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Make one model of two rows: names and routes move, prices and generations stay."""
    with _client(url, key) as client:
        _print_models([client.merge_models(duplicate, into)], as_json)


@app.command()
def price(
    name: Name,
    meter: Annotated[str, typer.Argument(metavar="METER", help="Such as input or image.")],
    amount: Annotated[
        str | None, typer.Argument(metavar="[AMOUNT]", help="The price of ONE unit, exact.")
    ] = None,
    per_million: Annotated[
        bool, typer.Option("--per-million", help="AMOUNT is for a million units.")
    ] = False,
    withdraw: Annotated[
        bool, typer.Option("--withdraw", help="End the price instead; without AMOUNT.")
    ] = False,
    start: Annotated[
        str | None,
        typer.Option(
            "--from", help="From when on, such as 2026-01-31; now unless given. UTC unless it says."
        ),
    ] = None,
    currency: Annotated[
        str | None, typer.Option(help="Such as EUR; the model's unless given.")
    ] = None,
    service_tier: Annotated[str | None, typer.Option(help="Such as batch.")] = None,
    variant: Annotated[str | None, typer.Option(help="Such as an image size.")] = None,
    region: Annotated[str | None, typer.Option(help="Region of the service.")] = None,
    source: Annotated[
        str | None, typer.Option(help="Whose prices it is among; the model's unless given.")
    ] = None,
    as_json: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Set a price from a time on; the past keeps its price, and imports leave it in force until `unpin`."""
    if (amount is None) != withdraw:
        raise typer.BadParameter("Give either an AMOUNT or --withdraw.")
    exact = None if amount is None else _amount(amount, per_million)
    starts = registry._time(start)
    with _client(url, key) as client:
        made = client.schedule_price(
            name,
            meter,
            exact,
            effective_from=starts,
            currency=currency,
            service_tier=service_tier,
            variant=variant,
            region=region,
            source=source,
        )
    if as_json:
        registry._print_json({"price_id": made})
    else:
        typer.echo("Done." if made else "That is its price at that time already.")


@app.command()
def unpin(
    name: Name,
    meter: Annotated[
        str | None, typer.Argument(metavar="[METER]", help="Such as input; all unless given.")
    ] = None,
    service_tier: Annotated[str | None, typer.Option(help="Such as batch.")] = None,
    variant: Annotated[str | None, typer.Option(help="Such as an image size.")] = None,
    region: Annotated[str | None, typer.Option(help="Region of the service.")] = None,
    source: Annotated[
        str | None, typer.Option(help="Whose prices it is among; the model's unless given.")
    ] = None,
    as_json: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Give prices that were set by hand back to the catalogue; its next import may change them."""
    with _client(url, key) as client:
        given_back = client.unpin_price(
            name, meter, service_tier=service_tier, variant=variant, region=region, source=source
        )
    if as_json:
        registry._print_json({"price_ids": given_back})
    else:
        prices = "1 price" if len(given_back) == 1 else f"{len(given_back)} prices"
        typer.echo(f"{prices} unpinned." if given_back else "Nothing was pinned.")


@app.command()
def follow(
    source: Annotated[
        str, typer.Argument(metavar="SOURCE", help="A catalogue that was imported, or manual.")
    ],
    models: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME]...",
            help="Keys, ids or aliases; else all that people made and SOURCE has prices of.",
        ),
    ] = None,
    move_pins: Annotated[
        bool | None,
        typer.Option(
            "--move-pins/--leave-pins",
            help="Whether prices that were set by hand go along; asked for where there are any.",
        ),
    ] = None,
    as_json: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Let models follow the prices of a catalogue from now on; the past stays priced as it was."""
    with _client(url, key) as client:
        try:
            followers = client.follow_source(source, *models or (), move_pins=move_pins)
        except Conflict as error:
            if error.error != "pins_undecided":
                raise
            raise RatebookError(f"{error.message} Say --move-pins or --leave-pins.") from error
    if followers or as_json:
        _print_models(followers, as_json)
    else:
        typer.echo(f"No model follows {source} that did not before.")


@app.command("export-prices")
def export_prices(
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The file to write; standard output unless given."),
    ] = None,
    at: At = None,
    as_json: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Write the price table in force as CSV: each price of ONE unit, exact."""
    from ratebook import ListedPrice

    time_asked = registry._time(at)
    with _client(url, key) as client:
        rows = [asdict(row) for row in client.export_prices(time_asked)]
    if as_json:
        text = json.dumps(rows, indent=2, ensure_ascii=False, default=registry._to_json) + "\n"
    else:
        written = io.StringIO()
        table = csv.DictWriter(
            written, [column.name for column in fields(ListedPrice)], lineterminator="\n"
        )
        table.writeheader()
        table.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
        text = written.getvalue()
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise RatebookError(f"{output} cannot be written: {error.strerror}.") from error
    typer.echo(f"{len(rows):,} prices in {output}", err=True)


@app.command()
def history(
    model: Annotated[
        str | None,
        typer.Option(help="Key, id or alias: its row, and what was added to it or removed."),
    ] = None,
    table: Annotated[str | None, typer.Option(help="Such as ai.models.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many entries.")] = 20,
    as_json: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Show who changed what, the newest change first."""
    with _client(url, key) as client:
        entries = client.audit_history(model=model, table=table, limit=limit)
    if as_json:
        registry._print_json([asdict(entry) for entry in entries])
        return
    shown = registry._table("when", "who", "what", "row", "change")
    for entry in entries:
        shown.add_row(
            f"{entry.changed_at:%Y-%m-%d %H:%M:%S}",
            str(entry.subject or entry.role),
            _what(entry),
            " ".join(map(str, entry.row_key.values())),
            _change(entry),
        )
    registry._print(shown)


# ------------------------------------------------------------------ asking


@contextmanager
def _client(url: str | None, key: str | None) -> Iterator["Client"]:
    """A client with the service key, which says so where the key it has does not do."""
    with registry._client(*service._where(url, key)) as client:
        try:
            yield client
        except NotAllowed as error:
            raise RatebookError(
                f"{error} Use the service key or an admin's token.", error.details
            ) from error


def _amount(text: str, per_million: bool) -> Decimal:
    try:
        given = Decimal(text)
    except InvalidOperation:
        raise typer.BadParameter(f"{text!r} is not an amount, such as 0.15.") from None
    if not given.is_finite():
        raise typer.BadParameter(f"{text!r} is not an amount, such as 0.15.")
    # A product would be rounded to the digits of the decimal context.
    sign, digits, exponent = given.as_tuple()
    return Decimal((sign, digits, int(exponent) - 6)) if per_million else given


# ------------------------------------------------------------------ what is printed


def _print_models(models: list["Model"], as_json: bool) -> None:
    if as_json:
        registry._print_json([asdict(model) for model in models])
        return
    table = registry._table("key", "name", "status", "default", "active")
    for model in models:
        table.add_row(
            model.key,
            model.name,
            model.status,
            registry._yes(model.is_default),
            registry._yes(model.is_active),
        )
    registry._print(table)


def _what(entry: "AuditEntry") -> str:
    if entry.operation == "CALL":
        return f"CALL {(entry.after or {}).get('function')}"
    return f"{entry.operation} {entry.table_name}"


def _change(entry: "AuditEntry") -> str:
    if entry.operation == "UPDATE":
        before, after = entry.before or {}, entry.after or {}
        changes = (
            f"{column}: {_brief(before[column])} → {_brief(after[column])}"
            for column in before
            if column not in ("updated_at", "updated_by")
        )
    elif entry.operation == "CALL":
        call = entry.after or {}
        arguments, answer = call.get("arguments", {}), call.get("answer", {})
        facts = {"amount": answer.get("amount")} | {
            name: arguments.get(name) for name in ("account", "source", "external_ref", "reason")
        }
        changes = (f"{name}: {value}" for name, value in facts.items() if value is not None)
    else:
        image = entry.after or entry.before or {}
        changes = (
            f"{column}: {_brief(image[column])}"
            for column in ("key", "alias", "name", "meter", "price_per_unit", "role", "margin")
            if image.get(column) is not None
        )
    return ", ".join(changes)


def _brief(value: Any) -> str:
    text = (
        value
        if isinstance(value, str)
        else json.dumps(value, ensure_ascii=False, default=registry._to_json)
    )
    return text if len(text) <= 40 else f"{text[:39]}…"


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    if value is None or isinstance(value, str | int):
        return value
    return registry._to_json(value)
