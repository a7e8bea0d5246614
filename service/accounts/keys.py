"""Random tokens and what is stored of them: keyed hashes, which a copy of the database cannot use."""

from __future__ import annotations

import hashlib
import hmac
import secrets

_BYTES = 32


class Keyring:
    """Makes and recognises tokens under the secret of the service."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def fresh(self, prefix: str) -> tuple[str, str]:
        """A new token and its digest."""
        token = f"{prefix}_{secrets.token_urlsafe(_BYTES)}"
        return token, self.digest(token)

    def digest(self, token: str) -> str:
        """What the database keeps of a token."""
        return self._keyed(f"token:{token}")

    def csrf(self, session_digest: str) -> str:
        """What the forms of a session send back; another site cannot read it."""
        return self._keyed(f"form:{session_digest}")

    def _keyed(self, text: str) -> str:
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()
