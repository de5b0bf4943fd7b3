"""`ratebook web`: the page for another host."""

from pathlib import Path
from typing import Annotated

import typer

from ratebook import page
from ratebook.errors import RatebookError

app = typer.Typer(help="The page: catalogue, calculator, wallet, admin.", no_args_is_help=True)


@app.command()
def copy(
    folder: Annotated[Path, typer.Argument(help="A new folder, or that of an earlier copy.")],
    url: Annotated[
        str, typer.Option(envvar="SUPABASE_URL", help="Where /rest/v1 is: https://….supabase.co")
    ],
    anon_key: Annotated[
        str, typer.Option(envvar="SUPABASE_ANON_KEY", help="The anon (publishable) key.")
    ],
) -> None:
    """Write the page's files with the address of a database, for a static host; again after an upgrade.

    Beside them: config.json (address and key, read when the page is opened) and _headers (the content security
    policy and what may be cached, as Cloudflare Pages and Netlify read it).
    """
    url = url.rstrip("/").removesuffix("/rest/v1")
    if not url.startswith(("https://", "http://")):
        raise RatebookError(f"{url} is no address: https://….supabase.co")
    page.check_public(anon_key)
    changed = page.copy(folder, page.Configuration(url, anon_key))
    page.write_headers(folder, url)
    typer.echo(f"{folder}: {len(changed)} files written, the page asks {url}")
    typer.echo("A host that does not read _headers has to send what it says:")
    for name, value in page.headers(url).items():
        typer.echo(f"  {name}: {value}")
