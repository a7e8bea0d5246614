"""Files to take away, as responses."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse


def attachment(content: bytes | str | Iterator[bytes], media_type: str, filename: str) -> Response:
    """A download, sent piece by piece where it comes so; the name may hold any character (RFC 6266)."""
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(filename, safe='')}"}
    if isinstance(content, bytes | str):
        return Response(content, media_type=media_type, headers=headers)
    return StreamingResponse(content, media_type=media_type, headers=headers)
