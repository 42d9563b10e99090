"""A lock on an open file, in each system's own way. The system drops it when the process that has it ends, however it ends."""

import errno
import os

_FAR = 1 << 30  # Windows keeps others from reading what is locked, too: so a byte there that nobody reads

try:
    import fcntl
except ModuleNotFoundError:  # on Windows, where this is not tried

    def lock(handle: int) -> None:
        """At once; BlockingIOError if another has it."""
        import msvcrt

        os.lseek(handle, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        except OSError as fault:
            raise BlockingIOError(errno.EWOULDBLOCK, "another has it") from fault
        finally:
            os.lseek(handle, 0, os.SEEK_SET)

else:

    def lock(handle: int) -> None:
        """At once; BlockingIOError if another has it."""
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
