"""Settings of the service, from the environment (`JIEBANG_*`) or a `.env` file."""

from __future__ import annotations

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


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
