"""Passwords: argon2 through pwdlib, with the same work for users that do not exist."""

from __future__ import annotations

import threading
from functools import cached_property

from pwdlib import PasswordHash

SHORTEST, LONGEST = 10, 128
_DISTINCT = 5
# a hash takes 64 MiB for about a tenth of a second; more at once would only wait for the processor
_AT_ONCE = 4


def password_problem(password: str, login: str = "") -> str:
    """What is wrong with a new password, in Chinese; empty where nothing is."""
    if not SHORTEST <= len(password) <= LONGEST:
        return f"密码应为 {SHORTEST}–{LONGEST} 个字符"
    if len(set(password)) < _DISTINCT:
        return f"密码里至少要有 {_DISTINCT} 个不同的字符"
    if login and password.casefold() in (login, login.partition("@")[0]):
        return "密码不能就是登录邮箱"
    return ""


class Passwords:
    """Hashes and verifies passwords, a few at a time."""

    def __init__(self) -> None:
        self._hasher = PasswordHash.recommended()
        self._slots = threading.BoundedSemaphore(_AT_ONCE)

    def hash(self, password: str) -> str:
        """The hash to store."""
        with self._slots:
            return self._hasher.hash(password)

    def verify(self, password: str, stored: str | None) -> bool:
        """Whether the password fits; takes as long where there is no stored hash."""
        known = stored is not None
        with self._slots:
            fits = self._hasher.verify(password[: LONGEST + 1], stored or self._dummy)
        return fits and known

    @cached_property
    def _dummy(self) -> str:
        return self._hasher.hash("nobody has this password")
