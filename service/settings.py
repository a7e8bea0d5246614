"""Settings of the service, from the environment (`JIEBANG_*`) or a `.env` file."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEFAULT_SECRET = "jiebang-development-secret"
_SECRET_LENGTH = 32


class Settings(BaseSettings):
    """Where things are and how the service behaves; every field is an environment variable."""

    model_config = SettingsConfigDict(env_prefix="JIEBANG_", env_file=".env", extra="ignore")

    home: Path = Path("var")
    """Everything that the service writes: database, model, index snapshots, mail."""
    database_url: str = ""
    """SQLAlchemy URL; SQLite under `home` where empty."""
    model: str = ""
    """A sentence-transformers model or directory; the offline model under `home` where empty."""
    text_dir: Path | None = None
    """Real Chinese abstracts for evaluation and benchmarks (`abstracts.jsonl`)."""
    snapshot_every: int = 500
    """Changes after which the running service writes its index to disk."""
    poll_seconds: float = 0.2
    """How often the indexer looks for changes that another process made."""

    max_body_bytes: int = 64 * 2**20
    """Largest request body; a larger one is refused."""

    production: bool = False
    """Other people reach this service: demo accounts and a default secret are refused, cookies
    need HTTPS, and it may bind beyond loopback."""
    secret: SecretStr = SecretStr(DEFAULT_SECRET)
    """Key of token hashes and of form tokens; another one ends every session and API token."""
    base_url: str = "http://127.0.0.1:8000"
    """Where people reach the service, for links in mail."""
    session_hours: float = 12
    """How long a sign-in lasts."""
    trusted_proxies: str = ""
    """Addresses, separated by commas, whose `X-Forwarded-For` is believed; none where empty."""
    throttle_storage: str = "memory://"
    """Storage of the `limits` library for attempts to sign in; a shared one for replicas."""

    listing_days: int = Field(default=180, ge=1)
    """How long a record of a member holds after it was last confirmed, unless it states a day."""
    reminder_days: int = Field(default=14, ge=0)
    """How long before that its owner is reminded."""
    digest_hours: float = Field(default=24, ge=0)
    """How long at least between two mails that tell an organisation of new matches."""
    fresh_days: int = Field(default=90, ge=0)
    """How long a record counts in full after it was last confirmed."""
    half_life_days: int = Field(default=365, ge=1)
    """After that its score halves in this time."""

    smtp_host: str = ""
    """Mail server; without one mail is kept in `mailbox_dir`."""
    smtp_port: int = 587
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_starttls: bool = True
    mail_from: str = "jiebang@localhost"

    @model_validator(mode="after")
    def _fit_for_others(self) -> Self:
        """In production every secret is one's own."""
        if not self.production:
            return self
        secret = self.secret.get_secret_value()
        if secret == DEFAULT_SECRET or len(secret) < _SECRET_LENGTH:
            msg = f"JIEBANG_PRODUCTION=1 时 JIEBANG_SECRET 要另设，至少 {_SECRET_LENGTH} 个字符"
            raise ValueError(msg)
        if not self.base_url.startswith("https://"):
            msg = "JIEBANG_PRODUCTION=1 时 JIEBANG_BASE_URL 要以 https:// 开头"
            raise ValueError(msg)
        return self

    @property
    def url(self) -> str:
        """The database URL in force."""
        return self.database_url or f"sqlite:///{self.home / 'jiebang.db'}"

    @property
    def model_dir(self) -> Path:
        """Where the offline model is built."""
        return self.home / "model"

    @property
    def index_dir(self) -> Path:
        """Where index snapshots are kept, a folder for each kind."""
        return self.home / "index"

    @property
    def mailbox_dir(self) -> Path:
        """Maildir of mail that no server was given for."""
        return self.home / "mailbox"
