"""A plan as a picture: people across, the workers that they need upwards, a line for each number of executors.

The picture is SVG with a transparent ground; its words are in a grey that reads on light and on dark, each line has its
name at its end, and a stroke of its own. Matplotlib draws it, an extra of livyguard.
"""

from __future__ import annotations

import io
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livyguard.capacity.amounts import percent
from livyguard.capacity.plan import need
from livyguard.errors import InvalidInput
from livyguard.policy.wording import counted, people
from livyguard.views.text import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from livyguard.capacity.answer import Answer

__all__ = ["INSTALL", "can_draw", "lines_of", "svg", "write"]

INSTALL = "pip install 'livyguard[plot]'"
#: Reads on white and on black alike.
INK = "#767676"
#: Between light and dark each, as much of a contrast to white as to black; told apart by their strokes, too.
COLOURS = ("#287cb0", "#c25516", "#23864e", "#8f63b4", "#c64588", "#85752d")
STROKES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (1, 1)))
#: Of lines, of points on one, and of the height between the names of two.
MOST_LINES, MOST_POINTS, GAP = len(COLOURS), 40, 0.07


def can_draw() -> bool:
    """Tell whether matplotlib is installed, without importing it."""
    return find_spec("matplotlib") is not None


def write(answer: Answer, file: str) -> str:
    """Write the picture to a file, and return a sentence that says so.

    Raises:
        InvalidInput: matplotlib is missing, or nothing can be written there.
    """
    if not can_draw():
        raise InvalidInput(f"--chart needs matplotlib: {INSTALL}")
    try:
        Path(file).write_text(svg(answer), "utf-8")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise InvalidInput(f"--chart: {plain(file)}: {why}.") from None
    return f"Chart: {plain(file)}"


def lines_of(answer: Answer) -> dict[tuple[int, ...], list[tuple[int, int]]]:
    """Return the lines, each by its numbers of executors: people, and the workers that they need.

    Numbers of which everybody needs the same share a line, and do not hide each other.
    """
    users = [cell.users for cell in answer.cells]
    asked = sorted({cell.plan.executors for cell in answer.cells if cell.plan.executors}) or [1]
    if len(asked) == 1:
        asked = sorted({max(1, asked[0] // 2), asked[0], 2 * asked[0]})
    most = max(4, -(-max(users) * 5 // 4))
    across = sorted({1 + place * (most - 1) // (MOST_POINTS - 1) for place in range(MOST_POINTS)} | {*users} - {0})
    plan, work = answer.asked, answer.asked.at_work
    shared: dict[tuple[int, ...], list[int]] = {}
    for each in asked:
        heights = tuple(need(plan.site, plan.size, work(x), each).workers for x in across)
        shared.setdefault(heights, []).append(each)
    found = [(tuple(numbers), list(zip(across, heights, strict=True))) for heights, numbers in shared.items()]
    if len(found) > MOST_LINES:
        found = [found[place * (len(found) - 1) // (MOST_LINES - 1)] for place in range(MOST_LINES)]
    return dict(found)


def svg(answer: Answer, *, is_inline: bool = False) -> str:
    """Return the picture as SVG, from its tag on.

    Args:
        answer: a plan or a matrix of them.
        is_inline: it stands in a page, whose own colour its words take.
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    style = {
        "svg.fonttype": "none",
        "svg.hashsalt": "livyguard",
        "font.family": "sans-serif",
        "font.size": 10,
        **dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), INK),
    }
    out = io.StringIO()
    with rc_context(style):
        figure = Figure(figsize=(7.2, 3.8), layout="constrained")
        FigureCanvasSVG(figure)
        _draw(figure.add_subplot(), answer)
        figure.savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = out.getvalue()
    text = text[text.index("<svg") :]
    name = f'<svg role="img" aria-label="{_name(answer)}" '
    text = name + text.removeprefix("<svg").lstrip()
    return text.replace(INK, "currentColor") if is_inline else text


def _name(answer: Answer) -> str:
    """Return what the picture shows, for those who do not see it: words and numbers of ours alone."""
    drawn = ", ".join(map(_executors, lines_of(answer)))
    there = "" if answer.asked.workers is None else f"; of {counted(answer.asked.workers, 'worker')}"
    return f"Workers needed by number of people, with {drawn} each{there}"


def _executors(numbers: Sequence[int]) -> str:
    """Return the numbers of a line, from the least to the most."""
    between = f"{numbers[0]} to " if len(numbers) > 1 else ""
    return between + counted(numbers[-1], "executor")


def _draw(axes: Any, answer: Answer) -> None:
    lines, workers = lines_of(answer), answer.asked.workers
    ends = [(points[-1][1], f"{_executors(numbers)} each") for numbers, points in lines.items()]
    named = [(*end, colour) for end, colour in zip(ends, COLOURS, strict=False)]
    if workers is not None:
        named.append((workers, f"there {'is' if workers == 1 else 'are'} {counted(workers, 'worker')}", INK))
        axes.axhline(workers, color=INK, linewidth=1.2, dashes=(6, 3))
    top = max(*(height for height, *_ in named), *(cell.plan.need.workers for cell in answer.cells), 1) * 1.08
    right = next(iter(lines.values()))[-1][0]
    for place, (numbers, points) in enumerate(lines.items()):
        look = {"color": COLOURS[place], "zorder": 3}
        axes.plot(*zip(*points, strict=True), linestyle=STROKES[place], linewidth=1.8, **look)
        marked = [(c.users, c.plan.need.workers) for c in answer.cells if c.plan.executors in numbers and c.users]
        if marked:
            axes.plot(*zip(*marked, strict=True), linestyle="", marker="o", markersize=5, **look)
    named.sort(key=lambda each: each[0])
    heights = _apart([height / top for height, *_ in named])
    for height, (_, words, colour) in zip(heights, named, strict=True):
        where = {"xytext": (6, 0), "textcoords": "offset points", "va": "center", "annotation_clip": False}
        axes.annotate(words, (right, height * top), color=colour, **where)
    axes.set(xlabel=_across(answer), ylabel="Workers needed", xlim=(0, right), ylim=(0, top))
    axes.grid(color=INK, alpha=0.25, linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    for axis in (axes.xaxis, axes.yaxis):
        axis.get_major_locator().set_params(integer=True)
    cell = answer.cells[0]
    if not answer.is_matrix and cell.users and cell.plan.executors:
        said = f"\N{BLACK CIRCLE} {people(cell.users)}: {counted(cell.plan.need.workers, 'worker')}"
        axes.set_title(said, loc="left", fontsize=10)


def _across(answer: Answer) -> str:
    share = answer.asked.at_once
    return "People" if share == 1 else f"People, {percent(share)} of them at once"


def _apart(heights: Sequence[float]) -> list[float]:
    """Return heights, from the lowest up, moved where two would lie closer than a line of words is high."""
    moved: list[float] = []
    for height in heights:
        moved.append(max(height, moved[-1] + GAP) if moved else height)
    above = 1.0 + GAP
    for place in reversed(range(len(moved))):
        above = moved[place] = min(moved[place], above - GAP)
    return moved
