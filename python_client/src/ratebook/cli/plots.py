"""A price history as a drawing: in the terminal, or in a file. Needs the extra `plots`."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from ratebook.errors import RatebookError

if TYPE_CHECKING:
    from ratebook import PriceStep

_MISSING = "Drawings need two more packages: pip install 'ratebook[plots]'"

Line = tuple[str, list[tuple[datetime, float]]]


def lines(steps: Iterable["PriceStep"], until: datetime) -> list[Line]:
    """The corners of each price's steps, per million tokens or per one unit; a price that applies goes on to `until`.

    A gap, while there was no price, is a point that is no number.
    """
    drawn: dict[str, list[tuple[datetime, float]]] = {}
    for step in steps:
        corners = drawn.setdefault(_label(step), [])
        if corners and corners[-1][0] != step.starts_at:
            corners.append((corners[-1][0], float("nan")))
        price = step.price if step.price_per_million is None else step.price_per_million
        corners += [(step.starts_at, float(price)), (step.ends_at or until, float(price))]
    return list(drawn.items())


def in_terminal(title: str, steps: Sequence["PriceStep"]) -> str:
    """The drawing as text, as wide as the terminal."""
    try:
        import plotext  # type: ignore[import-untyped]
    except ImportError as error:
        raise RatebookError(_MISSING) from error
    import shutil

    _require(steps)
    plotext.clear_figure()
    plotext.theme("clear")
    width, height = shutil.get_terminal_size((100, 24))
    plotext.plotsize(width, min(height, 24))
    plotext.date_form("Y-m-d")
    for label, corners in lines(steps, datetime.now(UTC)):
        # It knows no gaps: each unbroken part is a line of its own.
        for number, part in enumerate(_parts(corners)):
            plotext.plot(
                [when.strftime("%Y-%m-%d") for when, _ in part],
                [price for _, price in part],
                label=label if number == 0 else None,
                marker="braille",
            )
    plotext.title(title)
    plotext.ylim(0)
    text: str = plotext.build()
    plotext.clear_figure()
    return "\n".join(line.rstrip() for line in text.splitlines())


def draw(title: str, steps: Sequence["PriceStep"], file: Path, kind: str) -> None:
    """Draw into a file, `svg` or `png`."""
    try:
        from matplotlib.dates import date2num
        from matplotlib.figure import Figure
    except ImportError as error:
        raise RatebookError(_MISSING) from error

    _require(steps)
    figure = Figure(figsize=(9, 4.5), layout="constrained")
    axes = figure.subplots()
    for label, corners in lines(steps, datetime.now(UTC)):
        axes.plot(
            [float(date2num(when)) for when, _ in corners],  # type: ignore[no-untyped-call]
            [price for _, price in corners],
            label=label,
        )
    axes.xaxis_date(tz=UTC)
    axes.set_title(title)
    axes.set_ylim(bottom=0)
    axes.grid(visible=True, alpha=0.3)
    axes.legend()
    try:
        # Without a date the same history gives the same file.
        figure.savefig(file, format=kind, metadata={"Date": None} if kind == "svg" else None)
    except OSError as error:
        raise RatebookError(f"{file} cannot be written: {error.strerror}.") from error


def _require(steps: Sequence["PriceStep"]) -> None:
    if not steps:
        raise RatebookError("There is nothing to draw: it has had no public price.")


def _parts(corners: list[tuple[datetime, float]]) -> list[list[tuple[datetime, float]]]:
    parts: list[list[tuple[datetime, float]]] = [[]]
    for corner in corners:
        if Decimal(corner[1]).is_nan():
            parts.append([])
        else:
            parts[-1].append(corner)
    return parts


def _label(step: "PriceStep") -> str:
    per = step.unit_type.replace("_", " ") if step.price_per_million is None else "1M"
    conditions = [
        "" if step.service_tier == "standard" else step.service_tier,
        step.variant,
        step.region,
        "" if step.context_threshold is None else f"over {step.context_threshold:,}",
        "" if step.window_start is None else f"from {step.window_start:%H:%M}",
    ]
    return " ".join(filter(None, [step.meter, *conditions, f"({step.currency}/{per})"]))
