"""Price histories, reports and ratings as drawings: in the terminal, or in a file. Needs the extra `plots`."""

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ratebook.errors import RatebookError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ratebook import PriceStep, Standing

_MISSING = "Drawings need two more packages: pip install 'ratebook[plots]'"

_RATINGS = "Rating, with 95 % intervals"

Line = tuple[str, list[tuple[datetime, float]]]

Plot = Annotated[bool, typer.Option("--plot", help="Draw it in the terminal.")]
Svg = Annotated[Path | None, typer.Option(help="Draw it into an SVG file.")]
Png = Annotated[Path | None, typer.Option(help="Draw it into a PNG file.")]


def show(
    title: str, lines: Sequence[Line], *, plot: bool, svg: Path | None, png: Path | None
) -> None:
    """Draw where that is asked for. Raises RatebookError where there is nothing to draw."""
    if not lines:
        raise RatebookError("There is nothing to draw.")
    for file in filter(None, (svg, png)):
        draw(title, lines, file, "svg" if file is svg else "png")
        typer.echo(f"drawn into {file}", err=True)
    if plot:
        typer.echo(in_terminal(title, lines))


def price_lines(steps: Iterable["PriceStep"], until: datetime) -> list[Line]:
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


def in_terminal(title: str, lines: Sequence[Line]) -> str:
    """The drawing as text, as wide as the terminal."""
    try:
        import plotext  # type: ignore[import-untyped]
    except ImportError as error:
        raise RatebookError(_MISSING) from error
    import shutil

    plotext.clear_figure()
    plotext.theme("clear")
    width, height = shutil.get_terminal_size((100, 24))
    plotext.plotsize(width, min(height, 24))
    # Days where all of it is of whole days.
    whole = all(when.hour == when.minute == 0 for _, corners in lines for when, _ in corners)
    plotext.date_form("Y-m-d" if whole or _days(lines) > _FEW_DAYS else "Y-m-d H:M")
    form = "%Y-%m-%d" if whole or _days(lines) > _FEW_DAYS else "%Y-%m-%d %H:%M"
    for label, corners in lines:
        # It knows no gaps: each unbroken part is a line of its own.
        for number, part in enumerate(_parts(corners)):
            plotext.plot(
                [when.strftime(form) for when, _ in part],
                [value for _, value in part],
                label=label if number == 0 else None,
                marker="braille",
            )
    plotext.title(title)
    if _least(lines) >= 0:
        plotext.ylim(0)
    text: str = plotext.build()
    plotext.clear_figure()
    return "\n".join(line.rstrip() for line in text.splitlines())


def draw(title: str, lines: Sequence[Line], file: Path, kind: str) -> None:
    """Draw into a file, `svg` or `png`."""
    try:
        from matplotlib.dates import date2num
        from matplotlib.figure import Figure
    except ImportError as error:
        raise RatebookError(_MISSING) from error

    figure = Figure(figsize=(9, 4.5), layout="constrained")
    axes = figure.subplots()
    for label, corners in lines:
        axes.plot(
            [float(date2num(when)) for when, _ in corners],  # type: ignore[no-untyped-call]
            [value for _, value in corners],
            label=label,
        )
    axes.xaxis_date(tz=lines[0][1][0][0].tzinfo or UTC)
    axes.set_title(title)
    if _least(lines) >= 0:
        axes.set_ylim(bottom=0)
    axes.grid(visible=True, alpha=0.3)
    axes.legend()
    _save(figure, file, kind)


def ratings_in_terminal(standings: Sequence["Standing"]) -> str:
    """The ratings with their intervals as text, the best on top, as wide as the terminal."""
    try:
        import plotext
    except ImportError as error:
        raise RatebookError(_MISSING) from error
    import shutil

    rows = _rated(standings)
    plotext.clear_figure()
    plotext.theme("clear")
    width, _ = shutil.get_terminal_size((100, 24))
    plotext.plotsize(width, 2 * len(rows) + 4)
    for place, one in enumerate(rows):
        plotext.plot([one.rating_low, one.rating_high], [place, place], marker="-")
        plotext.scatter([one.rating], [place], marker="o")
    plotext.yticks(list(range(len(rows))), [one.contender for one in rows])
    plotext.ylim(-0.5, len(rows) - 0.5)
    plotext.title(_RATINGS)
    text: str = plotext.build()
    plotext.clear_figure()
    return "\n".join(line.rstrip() for line in text.splitlines())


def draw_ratings(standings: Sequence["Standing"], file: Path, kind: str) -> None:
    """Draw the ratings with their intervals into a file, `svg` or `png`, the best on top."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise RatebookError(_MISSING) from error

    rows = _rated(standings)
    figure = Figure(figsize=(9, 1.5 + 0.4 * len(rows)), layout="constrained")
    axes = figure.subplots()
    for place, one in enumerate(rows):
        low, high = one.rating_low or 0.0, one.rating_high or 0.0
        axes.errorbar(
            [one.rating],
            [place],
            xerr=[[one.rating - low], [high - one.rating]],
            fmt="o",
            capsize=4,
        )
    axes.set_yticks(range(len(rows)), [one.contender for one in rows])
    axes.set_title(_RATINGS)
    axes.grid(visible=True, axis="x", alpha=0.3)
    _save(figure, file, kind)


def _rated(standings: Sequence["Standing"]) -> list["Standing"]:
    """Those that were compared, the best last: the axis goes up."""
    rows = [one for one in reversed(standings) if one.rating_low is not None]
    if not rows:
        raise RatebookError("There is nothing to draw: no two were compared.")
    return rows


def _save(figure: "Figure", file: Path, kind: str) -> None:
    try:
        # Without a date the same history gives the same file.
        figure.savefig(file, format=kind, metadata={"Date": None} if kind == "svg" else None)
    except OSError as error:
        raise RatebookError(f"{file} cannot be written: {error.strerror}.") from error


_FEW_DAYS = 7


def _days(lines: Sequence[Line]) -> float:
    times = [when for _, corners in lines for when, _ in corners]
    return (max(times) - min(times)).total_seconds() / 86_400


def _least(lines: Sequence[Line]) -> float:
    return min(value for _, corners in lines for _, value in corners if not math.isnan(value))


def _parts(corners: list[tuple[datetime, float]]) -> list[list[tuple[datetime, float]]]:
    parts: list[list[tuple[datetime, float]]] = [[]]
    for corner in corners:
        if math.isnan(corner[1]):
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
