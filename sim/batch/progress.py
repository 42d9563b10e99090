"""How far a run is, on standard error."""

import contextlib
import shutil
import time
from typing import TextIO

WORTH_SAYING = 20.0  # seconds


class Progress:
    """A line that is redrawn on a terminal; elsewhere a plain line every few seconds; nothing where nobody wants to know."""

    def __init__(self, stream: TextIO | None, every: float = 5.0) -> None:
        self._stream, self._every = stream, every
        self._drawn = bool(stream is not None and stream.isatty())
        self._total = self._done = self._new = 0
        self._started = self._told = time.monotonic()

    def begin(self, total: int, done: int) -> None:
        self._total, self._done, self._new = total, done, 0
        self._started = self._told = time.monotonic()
        if self._drawn:
            self._tell()

    def add(self, worlds: int) -> None:
        first = not self._new
        self._done += worlds
        self._new += worlds
        if first and self._done < self._total:
            self._foretell(time.monotonic() - self._started)
        self._told_lately()

    def _foretell(self, seconds: float) -> None:
        """How long it will take, going by what was done first; not where it will soon be over."""
        left = (self._total - self._done) * seconds / self._new
        if self._stream is not None and left >= WORTH_SAYING:
            clear = "\r\x1b[K" if self._drawn else ""
            self._write(f"{clear}About {duration(left)} to go, going by the first {self._new:,} worlds\n")

    def tick(self) -> None:
        if self._drawn:
            self._told_lately()

    def note(self, sentence: str) -> None:
        """What the user should know while it runs, on a line of its own."""
        self._write(("\r\x1b[K" if self._drawn else "") + f"note: {sentence}\n")

    def end(self) -> None:
        if self._drawn:
            self._write("\r\x1b[K")

    def _write(self, text: str) -> None:
        """A run goes on where nobody listens any more, or where what it says went to a disk that is full."""
        with contextlib.suppress(OSError):
            if self._stream is not None:
                self._stream.write(text)
                self._stream.flush()

    def _told_lately(self) -> None:
        now = time.monotonic()
        if self._drawn or now - self._told >= self._every:
            self._told = now
            self._tell()

    def _tell(self) -> None:
        if self._stream is None:
            return
        line = self.line(time.monotonic() - self._started)
        if self._drawn:
            width = shutil.get_terminal_size().columns - 1
            self._write(f"\r\x1b[K{line[:width]}")
        else:
            self._write(line + "\n")

    def line(self, seconds: float) -> str:
        """
        >>> progress = Progress(None)
        >>> progress.begin(1000, 0); progress.add(500)
        >>> progress.line(2.0)
        '500 of 1,000 worlds, 250 a second, 2 s left'
        """
        text = f"{self._done:,} of {self._total:,} worlds"
        if not self._new or seconds <= 0:
            return text
        rate = self._new / seconds
        return f"{text}, {rate:,.0f} a second, {duration((self._total - self._done) / rate)} left"


def duration(seconds: float) -> str:
    """
    >>> duration(5), duration(125), duration(7300)
    ('5 s', '2 min 5 s', '2 h 1 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
