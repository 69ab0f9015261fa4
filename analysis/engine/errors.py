"""What can be wrong with a file given to the engine.

LogError(message, hint, code)
├── EmptyLog        nothing in it
├── NotALog         something else: a PDF, a picture, a page, another kind of log
├── TooLarge        more bytes than the limit allows
├── ZipBomb         unpacks to far more than it is
├── TooManyMembers  a zip with several logs
├── NoLogInZip      a zip without a log
├── BrokenZip       damaged, or packed in a way we cannot read
├── EncryptedZip    protected by a password
└── Stopped         the caller asked to stop
"""

SAVE_LOGS_HINT = (
    "In Boomi open Manage › Process Reporting, pick the execution and choose Save Logs; "
    "use the file you get, as it is."
)


class LogError(Exception):
    """A file could not be analysed. `message` is one sentence, `hint` the way out."""

    code = "log_error"

    def __init__(self, message: str, hint: str = "", code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code or type(self).code


class EmptyLog(LogError):
    """The file holds no text. The platform sends this when nothing was logged at the level."""

    code = "empty_log"


class NotALog(LogError):
    """The file is something other than a process log; the message says what it looks like."""

    code = "not_a_log"


class TooLarge(LogError):
    """The unpacked log is larger than `Limits.max_bytes`."""

    code = "too_large"


class ZipBomb(LogError):
    """The archive unpacks to more than `Limits.max_ratio` times its packed size."""

    code = "zip_bomb"


class TooManyMembers(LogError):
    """The zip holds several logs, and an analysis is about one execution."""

    code = "too_many_members"


class NoLogInZip(LogError):
    """The zip can be read, but none of its members is a process log."""

    code = "no_log_in_zip"


class BrokenZip(LogError):
    """The zip or gzip file is damaged or cut short."""

    code = "broken_zip"


class EncryptedZip(LogError):
    """The log inside the zip is protected by a password."""

    code = "encrypted_zip"


class Stopped(LogError):
    """`should_stop` answered yes; nothing was reported."""

    code = "stopped"


def shown(name: str) -> str:
    """A file name fit for a one-line message: no control characters, at most 120 characters."""
    clean = "".join(char if char.isprintable() else "?" for char in name)
    return clean if len(clean) <= 120 else clean[:117] + "..."
