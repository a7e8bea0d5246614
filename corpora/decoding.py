"""Bytes of a text file to text: UTF-8, UTF-16, GBK and GB18030, Big5."""

from __future__ import annotations

import codecs
from collections.abc import Callable

from corpora.problems import FileError

_CURE = "请用 Excel 或 WPS 另存为“CSV UTF-8(逗号分隔)”,或直接上传 XLSX 文件"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LEGACY = ("gb18030", "big5hkscs")
_SAMPLE = 4096
# of the characters beyond ASCII that decode as UTF-8, one broken in ten is still a UTF-8 file
_DAMAGE = 0.1


def decode(content: bytes, plausible: Callable[[str], bool]) -> str:
    """The text of a file.

    `plausible` tells whether a text makes sense as such a file; it decides between the older
    encodings, which accept nearly any bytes. Raises FileError, naming the position of the first
    byte that does not fit (from 0), when nothing decodes the file.
    """
    for bom, name in _BOMS:
        if content.startswith(bom):
            return _strict(content, name, len(bom))
    wide = _utf16_without_bom(content)
    if wide is not None:
        return _strict(content, wide, 0)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        if _mostly_utf8(content):
            raise _fault("UTF-8", error.start, content) from None
        return _legacy(content, plausible)


def _strict(content: bytes, name: str, start: int) -> str:
    try:
        return content[start:].decode(name)
    except UnicodeDecodeError as error:
        raise _fault(name.upper(), start + error.start, content) from None


def _legacy(content: bytes, plausible: Callable[[str], bool]) -> str:
    texts: list[str] = []
    first_fault: UnicodeDecodeError | None = None
    for name in _LEGACY:
        try:
            texts.append(content.decode(name))
        except UnicodeDecodeError as error:
            first_fault = first_fault or error
            continue
        if plausible(texts[-1]):
            return texts[-1]
    if texts:
        return texts[0]
    position = first_fault.start if first_fault else 0
    raise _fault("UTF-8 或 GBK", position, content)


def _fault(name: str, position: int, content: bytes) -> FileError:
    byte = f"0x{content[position]:02X}" if position < len(content) else "文件末尾"
    line = content.count(b"\n", 0, position) + 1
    return FileError(
        f"文件编码有误:第 {position} 字节(第 {line} 行,{byte})不是有效的 {name} 编码", _CURE
    )


def _utf16_without_bom(content: bytes) -> str | None:
    """Which byte of each pair is mostly zero: line ends, commas and digits make that plain."""
    sample = content[:_SAMPLE]
    pairs = len(sample) // 2
    if pairs == 0 or b"\x00" not in sample:
        return None
    zeros = sample[1::2].count(0), sample[0::2].count(0)
    if max(zeros) < max(1, pairs // 20) or min(zeros) > max(zeros) // 4:
        return None
    return "utf-16-le" if zeros[0] > zeros[1] else "utf-16-be"


def _mostly_utf8(content: bytes) -> bool:
    text = content.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    beyond = sum(1 for c in text if not c.isascii()) - broken
    return beyond > 0 and broken <= beyond * _DAMAGE
