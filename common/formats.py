"""Times, durations, numbers and ids as people read them. Pure functions, no request."""

from datetime import datetime

NARROW_SPACE = "\u202f"
_UNITS = ("B", "KB", "MB", "GB", "TB")
_AGES = (
    (60, 1, "s"),
    (3600, 60, "min"),
    (86_400, 3600, "h"),
    (86_400 * 60, 86_400, "d"),
    (86_400 * 730, 86_400 * 30, "months"),
)


def relative(moment: datetime, now: datetime) -> str:
    """How long ago or how far ahead, in one unit: "12 min ago", "in 3 h", "just now"."""
    seconds = (now - moment).total_seconds()
    size = abs(seconds)
    if size < 5:
        return "just now"
    for limit, divisor, unit in _AGES:
        if size < limit:
            amount = f"{int(size // divisor)} {unit}"
            break
    else:
        amount = f"{int(size // (86_400 * 365))} years"
    return f"{amount} ago" if seconds > 0 else f"in {amount}"


def duration(milliseconds: int) -> str:
    """Two units at most: "840 ms", "3.1 s", "57 min 02 s", "2 h 05 min", "3 d 04 h"."""
    if milliseconds < 1000:
        return f"{milliseconds} ms"
    if milliseconds < 59_950:
        return f"{milliseconds / 1000:.1f} s"
    seconds = (milliseconds + 500) // 1000
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60:02d} s"
    if seconds < 86_400:
        return f"{seconds // 3600} h {seconds % 3600 // 60:02d} min"
    return f"{seconds // 86_400} d {seconds % 86_400 // 3600:02d} h"


def number(value: float) -> str:
    """Groups of three parted by a narrow space; at most two decimals."""
    text = f"{value:,}" if isinstance(value, int) else f"{value:,.2f}".rstrip("0").rstrip(".")
    return text.replace(",", NARROW_SPACE)


def size(count: int) -> str:
    """Bytes in steps of 1,024, as limits in the settings count them: "1.4 MB"."""
    amount = float(count)
    for unit in _UNITS:
        if amount < 1023.95 or unit == _UNITS[-1]:
            break
        amount /= 1024
    return f"{count} B" if unit == "B" else f"{amount:.1f} {unit}"


def short_id(value: str, keep: int = 8) -> str:
    """Cut in the middle, so that both ends can be compared: "a81f02c4…9bd1"."""
    if len(value) <= keep + 6:
        return value
    return f"{value[:keep]}…{value[-4:]}"
