"""A4 sheets with the vendored font: head and foot, headings, running text, tables that break well."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import zip_longest
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import Align, TextMode
from fpdf.fonts import TTFFont

from service.events.book.typeset import broken, printable

FONT = Path(__file__).parent / "fonts" / "NotoSansSC-Regular.ttf"
MARGIN = 18.0
BODY = 9.5
SMALL = 8.0
_FAMILY = "noto"
_LEADING = 1.55
_POINT = 25.4 / 72
_PAD = 1.6
_INK = (32, 36, 42)
_MUTED = (104, 112, 122)
_BRAND = (24, 74, 138)
_SHADE = (232, 238, 246)
_RULE = (188, 198, 210)
_ALARM = (186, 40, 40)
_GHOST = (240, 228, 228)


class Paper(FPDF):
    """A document; the head says what it is and how confidential, the foot its number of pages."""

    def __init__(self, title: str, level: str, *, draft: bool, total: int = 0) -> None:
        super().__init__(format="A4")
        self._level, self._draft, self._total = level, draft, total
        self.add_font(_FAMILY, fname=FONT)
        self.set_font(_FAMILY, size=BODY)
        font = self.fonts[_FAMILY]
        if not isinstance(font, TTFFont):
            raise TypeError("the vendored font is a TrueType font")
        self._font, self._glyphs = font, font.cmap
        self._name = self.clean(title)
        self._width_of = cache(self._measured)
        self.set_margins(MARGIN, 22)
        self.c_margin = 0.0
        self.set_auto_page_break(auto=False)
        self.set_title(title)
        self.set_creator("揭榜 Jiebang")
        self.set_lang("zh-CN")

    def close(self) -> None:
        """Let go of the file of the font."""
        self._font.close()

    @property
    def bottom(self) -> float:
        """How far down a page may be filled, in mm."""
        return self.h - 20

    @property
    def left(self) -> float:
        """How much height is left on the page, in mm."""
        return self.bottom - self.get_y()

    def clean(self, text: str) -> str:
        """`text` in characters that the font has."""
        return printable(text, self._glyphs)

    def lines(self, text: str, width: float, size: float = BODY) -> list[str]:
        """`text` as lines no wider than `width` mm."""
        limit = width / size
        return broken(
            self.clean(text), limit, lambda part: sum(self._width_of(char) for char in part)
        )

    def fitted(self, text: str, width: float, size: float = BODY) -> str:
        """`text` on one line, its end left out where it is too long."""
        flat = " ".join(text.split())
        first, *more = self.lines(flat, width, size) or [""]
        if not more:
            return first
        return self.lines(flat, width - size * _POINT, size)[0] + "…"

    def _measured(self, char: str) -> float:
        self.set_font(_FAMILY, size=BODY)
        return self.get_string_width(char) / BODY

    def header(self) -> None:
        """Name of the book, and how confidential it is."""
        if self._draft:
            self._ghost()
        self.set_xy(MARGIN, 10)
        level = self.fitted(self._level, 90, SMALL)
        self._put(self.fitted(self._name, self.epw - 95, SMALL), self.epw, SMALL, _MUTED)
        self.set_xy(MARGIN, 10)
        self._put(level, self.epw, SMALL, _MUTED, Align.R)
        self.set_draw_color(*_RULE)
        self.line(MARGIN, 15.5, self.w - MARGIN, 15.5)
        self.set_xy(MARGIN, 22)

    def _ghost(self) -> None:
        self.set_text_color(*_GHOST)
        self.set_font(_FAMILY, size=150)
        with self.rotation(45, self.w / 2, self.h / 2):
            self.text(self.w / 2 - 52, self.h / 2 + 18, "草稿")

    def footer(self) -> None:
        """The number of the page."""
        self.set_xy(MARGIN, self.h - 14)
        note = "揭榜 Jiebang" + ("（草稿，未发布）" if self._draft else "")
        self._put(note, self.epw, SMALL, _MUTED)
        self.set_xy(MARGIN, self.h - 14)
        told = f"第 {self.page_no()} 页，共 {self._total} 页"
        self._put(told, self.epw, SMALL, _MUTED, Align.R)

    def _put(
        self,
        line: str,
        width: float,
        size: float,
        ink: tuple[int, int, int] = _INK,
        align: Align = Align.L,
        *,
        heavy: bool = False,
    ) -> None:
        """One line, without moving down."""
        self.set_font(_FAMILY, size=size)
        self.set_text_color(*ink)
        if heavy:
            with self.local_context(
                text_mode=TextMode.FILL_STROKE, draw_color=ink, line_width=size / 150
            ):
                self.cell(width, size * _POINT * _LEADING, line, align=align)
        else:
            self.cell(width, size * _POINT * _LEADING, line, align=align)

    def need(self, height: float) -> None:
        """Go to a new page unless so much height is left."""
        if self.left < height:
            self.add_page()

    def say(
        self,
        text: str,
        size: float = BODY,
        *,
        muted: bool = False,
        alarm: bool = False,
        indent: float = 0,
    ) -> None:
        """A paragraph."""
        ink = _ALARM if alarm else _MUTED if muted else _INK
        self._flow(text, size, ink, indent, heavy=False)

    def head(self, text: str, size: float = 12, keep: float = 20) -> None:
        """A heading, with room for `keep` mm under it."""
        rows = len(self.lines(text, self.epw, size))
        self.need(rows * size * _POINT * _LEADING + keep)
        self._flow(text, size, _BRAND, 0, heavy=True)
        self.ln(1)

    def _flow(
        self, text: str, size: float, ink: tuple[int, int, int], indent: float, *, heavy: bool
    ) -> None:
        height = size * _POINT * _LEADING
        for line in self.lines(text, self.epw - indent, size):
            self.need(height)
            self.set_x(MARGIN + indent)
            self._put(line, self.epw - indent, size, ink, heavy=heavy)
            self.set_xy(MARGIN, self.get_y() + height)

    def grid(
        self,
        heads: Sequence[str],
        shares: Sequence[float],
        rows: Sequence[Sequence[str]],
        links: Sequence[int] = (),
    ) -> None:
        """A table whose columns share the width; its head stands on every page it goes on to.

        A row that is higher than what is left of a page goes on on the next one. `links` are the
        pages that the rows lead to.
        """
        widths = [self.epw * share / sum(shares) for share in shares]
        self.need(24)
        self._row([[head] for head in heads], widths, shade=True)
        for row, page in zip_longest(rows, links[: len(rows)]):
            cells = [
                self.lines(text, width - 2 * _PAD) for text, width in zip(row, widths, strict=True)
            ]
            while any(cells):
                fits = int((self.left - 2 * _PAD) / (BODY * _POINT * _LEADING))
                tallest = max(map(len, cells))
                if fits < min(tallest, 3):
                    self.add_page()
                    self._row([[head] for head in heads], widths, shade=True)
                    continue
                part, cells = [cell[:fits] for cell in cells], [cell[fits:] for cell in cells]
                self._row(part, widths, link=page)
        self.ln(2)

    def _row(
        self,
        cells: Sequence[Sequence[str]],
        widths: Sequence[float],
        *,
        shade: bool = False,
        link: int | None = None,
    ) -> None:
        line_height = BODY * _POINT * _LEADING
        height = max(map(len, cells)) * line_height + 2 * _PAD
        x, y = MARGIN, self.get_y()
        self.set_draw_color(*_RULE)
        self.set_fill_color(*_SHADE)
        for cell, width in zip(cells, widths, strict=True):
            self.rect(x, y, width, height, style="DF" if shade else "D")
            for number, line in enumerate(cell):
                self.set_xy(x + _PAD, y + _PAD + number * line_height)
                self._put(line, width - 2 * _PAD, BODY, _BRAND if shade else _INK)
            x += width
        if link is not None:
            self.link(MARGIN, y, self.epw, height, self.add_link(page=link))
        self.set_xy(MARGIN, y + height)
