"""Files to take away, as responses."""

from __future__ import annotations

from urllib.parse import quote

from starlette.responses import Response


def attachment(content: bytes | str, media_type: str, filename: str) -> Response:
    """A download; the name may hold any character (RFC 6266)."""
    disposition = f"attachment; filename*=UTF-8''{quote(filename, safe='')}"
    return Response(content, media_type=media_type, headers={"Content-Disposition": disposition})
