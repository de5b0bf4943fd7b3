"""Catalogues of models and prices: parsers from a text to a `Feed`, which `Client.import_catalogue()` takes.

    feed = catalogues.parse("litellm", Path("model_prices_and_context_window.json").read_bytes())

They are pure functions. Every number that carries money becomes a price or is counted as unmapped; nothing is dropped.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from ratebook.catalogues import genai_prices, litellm, models_dev, openrouter
from ratebook.catalogues.feed import Feed, FeedError, FeedModel, FeedPrice

__all__ = ["PARSERS", "Feed", "FeedError", "FeedModel", "FeedPrice", "parse"]

PARSERS: Final[Mapping[str, Callable[[str | bytes], Feed]]] = MappingProxyType(
    {parser.SOURCE: parser.parse for parser in (litellm, genai_prices, models_dev, openrouter)}
)


def parse(source: str, data: str | bytes) -> Feed:
    """The catalogue of one of the sources. Raises FeedError for what cannot be read, KeyError for an unknown source."""
    parser = PARSERS[source]
    try:
        return parser(data)
    except RecursionError:
        raise FeedError("The catalogue is nested too deeply.") from None
