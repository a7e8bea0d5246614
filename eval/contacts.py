"""Contact data that must not stand in a published collection."""

from __future__ import annotations

import re

PATTERNS: dict[str, re.Pattern[str]] = {
    "手机号": re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)"),
    "固定电话": re.compile(r"(?<!\d)0\d{2,3}[-— ]\d{7,8}(?!\d)"),
    "邮箱": re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"),
    "身份证号": re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)"),
    "联系方式": re.compile(
        r"(?:联系人|联系电话|联系方式)\s*[:：]\s*\S|(?:微信|QQ|[Ww]e[Cc]hat)号?\s*[:：]?\s*[A-Za-z0-9][\w-]{4,}"
    ),
    "contact 字段": re.compile(r'"(?:contact|phone|mobile|email|wechat)\w*"\s*:'),
}
"""What is looked for, by its name in a report."""


def contacts(line: str) -> list[str]:
    """Names of the kinds of contact data in one raw line of a JSONL file."""
    return [name for name, pattern in PATTERNS.items() if pattern.search(line)]
