"""The figures of the HTML report, as SVG texts without any outside reference.

Labels are Chinese where the machine has a CJK font and English otherwise; letters are drawn as paths,
so a page looks the same wherever it is opened.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from functools import cache, wraps
from typing import Any, ParamSpec

import matplotlib as mpl
import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from eval.exposure import lorenz

_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Noto Sans CJK JP",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "PingFang SC",
    "Microsoft YaHei",
    "SimHei",
)
_COLOURS = ("#9aa5b1", "#5b8db8", "#d99a3d", "#9b2c1f", "#4f8a5b", "#7b5ea7", "#3a3f47")
_LAST = "#9b2c1f"
_GRID = "#e3e6ea"
_INK = "#3a3f47"

_ENGLISH = {
    "各产业链的 nDCG@10": "nDCG@10 by industry chain",
    "差值": "difference",
    "查询，按差值排列": "queries by difference",
    "预测概率": "predicted probability",
    "实际比例": "observed share",
    "理想": "perfect",
    "等宽分箱": "equal width",
    "等量分箱": "equal mass",
    "作答比例": "coverage",
    "作答中首位合适的比例": "answered with a suitable first match",
    "误拒的有答案查询": "answerable refused",
    "识别出的无答案查询": "unanswerable recognised",
    "随机": "chance",
    "机构，由少到多": "institutions, least shown first",
    "曝光位次的累计比例": "cumulative share of places",
    "完全均等": "equal",
}

Report = Mapping[str, Any]
_Arguments = ParamSpec("_Arguments")


@cache
def chinese_font() -> str | None:
    """The family of an installed font with Chinese characters, or None."""
    installed = set(font_manager.get_font_names())
    return next((name for name in _FONTS if name in installed), None)


def label(text: str) -> str:
    """`text` where it can be drawn, its English otherwise."""
    return text if chinese_font() else _ENGLISH[text]


def _drawn(draw: Callable[_Arguments, Figure]) -> Callable[_Arguments, str]:
    """Draw in our style and write the figure as SVG."""

    @wraps(draw)
    def as_svg(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> str:
        style = {
            "font.family": [name for name in (chinese_font(), "DejaVu Sans") if name],
            "font.size": 10,
            "svg.fonttype": "path",
            "svg.hashsalt": "jiebang",  # equal figures give equal texts
        }
        out = io.StringIO()
        with mpl.rc_context(style):
            draw(*args, **kwargs).savefig(out, format="svg", metadata={"Date": None})
        return out.getvalue()

    return as_svg


@_drawn
def chains(systems: Mapping[str, Report], names: Mapping[str, str]) -> Figure:
    """Bars of mean nDCG@10 by chain, a bar for each system; `names` are the labels of chains."""
    first = next(iter(systems.values()))["per_chain"]
    order = list(first)[::-1]
    figure, axes = _figure(11, 0.9 + len(order) * (0.13 * len(systems) + 0.14))
    height = 0.8 / len(systems)
    for i, (system, colour) in enumerate(zip(systems, colours(systems), strict=True)):
        place = np.arange(len(order)) + (len(systems) / 2 - i - 0.5) * height
        means = [systems[system]["per_chain"][chain]["nDCG@10"] for chain in order]
        axes.barh(place, means, height=height * 0.9, color=colour, label=system)
    shown = names if chinese_font() else {chain: chain or "-" for chain in order}
    axes.set_yticks(range(len(order)), [f"{shown[c]} ({first[c]['queries']})" for c in order])
    axes.set_ylim(-0.6, len(order) - 0.4)
    axes.set_xlim(0, 1)
    axes.set_xlabel(label("各产业链的 nDCG@10"))
    axes.grid(visible=False, axis="y")
    _legend(figure, axes)
    return figure


@_drawn
def differences(values: Sequence[float]) -> Figure:
    """Differences of nDCG@10, one bar a query, ascending."""
    figure, axes = _figure(11, 2.6)
    ordered = sorted(values)
    shades = ["#b8bec6" if v == 0 else "#4f8a5b" if v > 0 else _LAST for v in ordered]
    axes.bar(range(len(ordered)), ordered, width=0.9, color=shades)
    axes.axhline(0, color=_INK, linewidth=0.8)
    axes.set_xlabel(label("查询，按差值排列"))
    axes.set_ylabel(label("差值"))
    axes.set_xticks([])
    axes.margins(x=0.01)
    return figure


@_drawn
def reliability(report: Report) -> Figure:
    """Observed share against predicted probability, with both kinds of bins."""
    figure, axes = _figure(4.6, 4.2)
    axes.plot([0, 1], [0, 1], color="#8a929c", linewidth=1, linestyle="--", label=label("理想"))
    for key, text, colour, marker in (
        ("bins_equal_width", "等宽分箱", "#5b8db8", "s"),
        ("bins", "等量分箱", _LAST, "o"),
    ):
        bins = report[key]
        sizes = [12 + 160 * b["pairs"] / report["pairs"] for b in bins]
        x, y = [b["predicted"] for b in bins], [b["observed"] for b in bins]
        axes.plot(x, y, color=colour, linewidth=1.4)
        axes.scatter(x, y, s=sizes, color=colour, marker=marker, alpha=0.8, label=label(text))
    _unit(axes)
    axes.set_xlabel(label("预测概率"))
    axes.set_ylabel(label("实际比例"))
    axes.legend(frameon=False, loc="upper left", markerscale=0.7)
    return figure


@_drawn
def coverage(systems: Mapping[str, Report]) -> Figure:
    """Precision of answered queries against coverage; a ring marks where each system operates."""
    figure, axes = _figure(4.6, 4.2)
    _tradeoffs(axes, systems, ("coverage", "precision"))
    _unit(axes)
    axes.set_xlabel(label("作答比例"))
    axes.set_ylabel(label("作答中首位合适的比例"))
    axes.legend(frameon=False, loc="lower left")
    return figure


@_drawn
def refusals(systems: Mapping[str, Report]) -> Figure:
    """Recognised unanswerable queries against refused answerable ones; rings as in `coverage`."""
    figure, axes = _figure(4.6, 4.2)
    axes.plot([0, 1], [0, 1], color="#8a929c", linewidth=1, linestyle="--", label=label("随机"))
    keys = ("answerable_refused", "unanswerable_refused")
    _tradeoffs(axes, systems, keys, dict.fromkeys(keys, 1.0))
    _unit(axes)
    axes.set_xlabel(label("误拒的有答案查询"))
    axes.set_ylabel(label("识别出的无答案查询"))
    axes.legend(frameon=False, loc="lower right")
    return figure


@_drawn
def balance(systems: Mapping[str, Report]) -> Figure:
    """Lorenz curves of places over institutions."""
    figure, axes = _figure(4.6, 4.2)
    axes.plot([0, 1], [0, 1], color="#8a929c", linewidth=1, linestyle="--", label=label("完全均等"))
    for (name, system), colour in zip(systems.items(), colours(systems), strict=True):
        x, y = zip(*lorenz(system["exposure"]["counts"]), strict=True)
        axes.plot(x, y, color=colour, linewidth=1.6, label=name)
    _unit(axes)
    axes.set_xlabel(label("机构，由少到多"))
    axes.set_ylabel(label("曝光位次的累计比例"))
    axes.legend(frameon=False, loc="upper left")
    return figure


def colours(systems: Mapping[str, object] | Sequence[str]) -> list[str]:
    """A colour for each system; the last one, which the report is about, always has the same."""
    others = [c for c in _COLOURS if c != _LAST]
    found = [others[i % len(others)] for i in range(len(systems))]
    return [*found[: len(systems) - 1], _LAST]


def _figure(width: float, height: float) -> tuple[Figure, Axes]:
    """A figure of that size in inches with one bare pair of axes."""
    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.add_subplot()
    axes.grid(visible=True, color=_GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, colors=_INK)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color("#b8bec6")
    return figure, axes


def _unit(axes: Axes) -> None:
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.02)
    axes.set_aspect("equal")


def _tradeoffs(
    axes: Axes, systems: Mapping[str, Report], keys: tuple[str, str], *first: Report
) -> None:
    """The abstention curve of each system, begun with `first`, and its operating point."""
    for (name, system), colour in zip(systems.items(), colours(systems), strict=True):
        curve = [*first, *system["abstention"]["curve"]]
        points = [point for point in curve if None not in (point[keys[0]], point[keys[1]])]
        _curve(axes, points, keys, name, colour)
        _ring(axes, system["abstention"]["operating"], keys, colour)


def _curve(
    axes: Axes, points: Sequence[Report], keys: tuple[str, str], name: str, colour: str
) -> None:
    x, y = ([point[key] for point in points] for key in keys)
    axes.plot(x, y, color=colour, linewidth=1.6, label=name)


def _ring(axes: Axes, point: Report, keys: tuple[str, str], colour: str) -> None:
    x, y = (point[key] for key in keys)
    if x is not None and y is not None:
        axes.plot([x], [y], marker="o", markersize=9, mfc="white", mec=colour, mew=2)


def _legend(figure: Figure, axes: Axes) -> None:
    if len(axes.get_legend_handles_labels()[0]) > 1:
        figure.legend(loc="outside upper left", ncols=6, frameon=False)
