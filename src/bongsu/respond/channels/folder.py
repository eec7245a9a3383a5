"""File drop: each packet is a folder of files, put in its place in one move."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from bongsu.respond.channel import FailedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bongsu.respond.channel import Packet


class Folder:
    """Packets go to `root/CASE-R1-v1/`; one that stands there has been delivered, and is left alone."""

    repeatable: ClassVar[bool] = True
    seconds: ClassVar[float] = 30.0

    def __init__(self, root: Path) -> None:
        self._root = root

    def deliver(self, packet: Packet) -> str:
        """Write the packet's folder and return its path."""
        name = re.sub(r"[^A-Za-z0-9._-]+", "-", f"{packet.case}-{packet.request}-v{packet.version}")
        place = self._root / name
        if place.is_dir():
            return str(place)
        try:
            self._root.mkdir(parents=True, exist_ok=True)
            fresh = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=self._root))
            try:
                for file, content in packet.files.items():
                    _write(fresh / Path(file).name, content)
                fresh.chmod(0o755)
                fresh.rename(place)
                _sync(self._root)
            finally:
                shutil.rmtree(fresh, ignore_errors=True)
        except OSError as error:
            if place.is_dir():  # another process was faster, with the same bytes
                return str(place)
            raise FailedError(f"the packet cannot be written to {place}: {error.strerror}") from None
        return str(place)


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def folder(row: Mapping[str, Any], _secrets: Mapping[str, str]) -> Folder:
    """Make the channel from its table: `folder`."""
    return Folder(Path(row["folder"]))
