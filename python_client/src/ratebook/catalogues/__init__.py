"""Catalogues of models and prices: parsers from a text to a `Feed`, which `Client.import_catalogue()` takes.

    feed = catalogues.parse("litellm", Path("model_prices_and_context_window.json").read_bytes())

They are pure functions. Every number that carries money becomes a price or is counted as unmapped; nothing is dropped
but a zero by which its source says that there is no price. An entry that cannot be read is left out and named, and what
is cosmetic is mended; neither holds up the others.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from ratebook.catalogues import genai_prices, litellm, models_dev, openrouter
from ratebook.catalogues.feed import Feed, FeedError, FeedModel, FeedPrice, Flaw

__all__ = ["PARSERS", "Feed", "FeedError", "FeedModel", "FeedPrice", "Flaw", "parse", "sound"]

PARSERS: Final[Mapping[str, Callable[[str | bytes], Feed]]] = MappingProxyType(
    {parser.SOURCE: parser.parse for parser in (litellm, genai_prices, models_dev, openrouter)}
)


def parse(source: str, data: str | bytes, *, strict: bool = False) -> Feed:
    """The catalogue of one of the sources.

    `strict` refuses the whole of it for one entry that had to be mended or left out. Raises FeedError for what cannot
    be read, KeyError for an unknown source.
    """
    parser = PARSERS[source]
    try:
        feed = parser(data)
    except RecursionError:
        raise FeedError("The catalogue is nested too deeply.") from None
    return sound(feed) if strict else feed


def sound(feed: Feed) -> Feed:
    """The catalogue where nothing had to be mended or left out. Raises FeedError."""
    flaws = [*feed.left_out, *feed.mended]
    if flaws:
        more = f" (and {len(flaws) - 1} more)" if len(flaws) > 1 else ""
        raise FeedError(f"{flaws[0].entry}: {flaws[0].reason}{more}", flaws[0].kind)
    return feed
