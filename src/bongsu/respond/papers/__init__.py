"""The ways to set a letter: each module's `render` takes the one model and returns a file's bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bongsu.respond.papers import docx, pdf, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from bongsu.respond.paper import Letter

FORMATS: dict[str, Callable[[Letter], bytes]] = {"txt": text.render, "docx": docx.render, "pdf": pdf.render}
"""Setters by the ending of the file they make."""
