"""The errors a caller can expect, in one tree.

    BongsuError                 what went wrong, where, and how to mend it
    ├── RecordError             this record failed: set it aside and go on, if the user wants that
    │   └── AddressError        the text is no address of that chain
    ├── RefusedError            somebody may not do that; the refusal stands in the log
    ├── ConflictError           somebody else was faster: look again
    └── SourceError             this source is unusable: stop
        └── VerificationError   what stands in a folder is not what its inputs give

At the command line each is one sentence and a hint, with exit status 2. Anything else that escapes is a bug of ours.
"""

from __future__ import annotations


class BongsuError(Exception):
    """An error whose cause lies in what was given, not in the program.

    Args:
        message: one sentence without a final full stop: what is wrong.
        source: the file it came from, as the user named it.
        line: the line in it, counted from 1 (for Parquet: the row, counted from 1).
        hint: how to mend it.
    """

    def __init__(
        self, message: str, *, source: str | None = None, line: int | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.source = source
        self.line = line
        self.hint = hint

    @property
    def where(self) -> str:
        """`file:line`, as far as it is known; empty otherwise."""
        if self.source is None:
            return ""
        return self.source if self.line is None else f"{self.source}:{self.line}"

    def __str__(self) -> str:
        sentence = f"{self.where}: {self.message}" if self.where else self.message
        return f"{sentence} ({self.hint})" if self.hint else sentence


class RecordError(BongsuError):
    """One record could not be read; the others may be fine."""

    def at(self, source: str, line: int) -> RecordError:
        """Return the same error with its place, for parsers that know only the text."""
        return type(self)(self.message, source=source, line=line, hint=self.hint)


class AddressError(RecordError):
    """A text is not an address of the chain it was given for."""


class RefusedError(BongsuError):
    """Somebody may not do what they asked for."""


class ConflictError(BongsuError):
    """Somebody else wrote to the same record since it was read."""


class SourceError(BongsuError):
    """A file or folder cannot be used at all."""


class VerificationError(SourceError):
    """A file in a response folder is not what its inputs give."""
