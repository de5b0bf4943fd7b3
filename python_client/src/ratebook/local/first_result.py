"""The first answer of a new stack, over HTTP: models and quotes for anon, the demo wallet for the service key."""

from decimal import Decimal
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from ratebook.errors import RatebookError

EXAMPLES: list[tuple[str, dict[str, int]]] = [
    ("gpt-4o-mini", {"input": 1000, "output": 500}),
    ("dall-e-3", {"image": 2}),
]


def show(url: str, anon_key: str, service_role_key: str, console: Console) -> None:
    """Print models, quotes, the demo wallet, addresses, keys and commands; raises RatebookError on any refusal."""
    with httpx.Client(
        base_url=f"{url}/rest/v1", headers={"apikey": anon_key}, trust_env=False
    ) as api:
        models = _ask(
            api.build_request("GET", "/models", params=_MODELS, headers=_profile("ai")), api
        )
        console.print(_model_table(models))
        quotes = [
            _ask(
                api.build_request(
                    "POST",
                    "/rpc/quote",
                    json={"model": model, "usage": usage},
                    headers=_profile("billing"),
                ),
                api,
            )
            for model, usage in EXAMPLES
        ]
        console.print(_quote_table(quotes))
        as_service = _profile("billing") | {"Authorization": f"Bearer {service_role_key}"}
        wallets = _ask(
            api.build_request("GET", "/balances", params=_WALLETS, headers=as_service), api
        )
        if wallets:
            console.print(_wallet_table(wallets))
    console.print(_addresses(url, anon_key, service_role_key), soft_wrap=True, highlight=False)


_MODELS = {"select": "key,name,providers(name)", "is_active": "eq.true", "order": "key"}

_WALLETS = {
    "select": "name,available::text,reserved::text",
    "account_id": "eq.11111111-1111-4111-8111-111111111111",
}


def _profile(schema: str) -> dict[str, str]:
    return {"Accept-Profile": schema, "Content-Profile": schema}


def _ask(request: httpx.Request, api: httpx.Client) -> Any:
    try:
        response = api.send(request)
    except httpx.HTTPError as error:
        raise RatebookError(f"The gateway does not answer: {error}") from error
    if response.is_error:
        raise RatebookError(
            f"{request.method} {request.url.path} answered {response.status_code}.", response.text
        )
    return response.json()


def _model_table(models: list[dict[str, Any]]) -> Table:
    table = Table("key", "name", "provider", title=f"{len(models)} models", title_justify="left")
    for model in models:
        provider = model["providers"] or {}
        table.add_row(model["key"], model["name"], provider.get("name", ""))
    return table


def _quote_table(quotes: list[dict[str, Any]]) -> Table:
    table = Table("model", "usage", title="Quotes", title_justify="left")
    for heading in ("cost", "credits"):
        table.add_column(heading, justify="right")
    for quote in quotes:
        usage = ", ".join(f"{line['quantity']} {line['meter']}" for line in quote["lines"])
        cost = "not public"
        if quote["cost"] is not None:
            cost = f"{_at_least_six_decimals(quote['cost'])} {quote['currency']}"
        table.add_row(quote["model"], usage, cost, quote["credits"])
    return table


def _wallet_table(wallets: list[dict[str, Any]]) -> Table:
    table = Table("wallet", title="Credits", title_justify="left")
    for heading in ("available", "reserved"):
        table.add_column(heading, justify="right")
    for wallet in wallets:
        table.add_row(wallet["name"], wallet["available"], wallet["reserved"])
    return table


def _at_least_six_decimals(amount: str) -> str:
    """The same number, written so that small amounts line up."""
    decimals = len(amount.partition(".")[2])
    return amount if decimals >= 6 else f"{Decimal(amount):.6f}"


def _addresses(url: str, anon_key: str, service_role_key: str) -> str:
    model, usage = "gpt-4o-mini", '{"input": 1000, "output": 500}'
    return f"""
[bold]page[/bold]              {url}/app/
[bold]API[/bold]               {url}
[bold]REST[/bold]              {url}/rest/v1
[bold]anon key[/bold]          {anon_key}
[bold]service_role key[/bold]  {service_role_key}
Both keys are signed with a public demo secret: use them on this machine only.

[bold]curl[/bold] (no key needed: without one you are anon)
curl -s '{url}/rest/v1/models?select=key,name,providers(name)&is_active=eq.true' -H 'Accept-Profile: ai'
curl -s '{url}/rest/v1/rpc/quote' -H 'Content-Profile: billing' \\
  -H 'Content-Type: application/json' -d '{{"model": "{model}", "usage": {usage}}}'

[bold]supabase-js[/bold] (Node.js 22 or newer)
import {{ createClient }} from '@supabase/supabase-js'
const supabase = createClient('{url}', '{anon_key}')
const {{ data }} = await supabase.schema('billing')
  .rpc('quote', {{ model: '{model}', usage: {usage} }})

[bold]Python[/bold]
from supabase import create_client
client = create_client("{url}", "{anon_key}")
quote = {{"model": "{model}", "usage": {usage}}}
print(client.schema("billing").rpc("quote", quote).execute().data)
"""
