"""The door of the command line: turns whatever happens into a sentence and an exit code.

0 done; 1 it went wrong; 2 the input is wrong; 130 interrupted.
"""

import contextlib
import io
import os
import sys
import traceback
from collections.abc import Sequence

import click

from sim.refusal import InputError


def main(argv: Sequence[str] | None = None) -> int:
    words = list(sys.argv[1:] if argv is None else argv)
    debug = "--debug" in words or os.environ.get("CHOKEPOINT_DEBUG", "") not in ("", "0")
    words = [word for word in words if word != "--debug"]
    _say_what_can_be_said()
    try:
        code = _run(words, debug)
        sys.stdout.flush()
        return code
    except MemoryError:  # also while it was to be explained
        return _say("memory ran out; close other programs, or ask for less", 1)
    except BrokenPipeError:  # `| head` has seen enough
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _say_what_can_be_said() -> None:
    """A sign that a terminal or a pipe of few signs lacks (Windows, outside UTF-8) becomes a question mark, and stops nothing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and not stream.encoding.lower().startswith("utf"):
            stream.reconfigure(errors="replace")


def _run(words: list[str], debug: bool) -> int:
    from sim.cli import chokepoint

    try:
        result = chokepoint.main(words, prog_name="chokepoint", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except InputError as refused:
        return _say(str(refused), 2)
    except click.ClickException as wrong:
        return _say(f"{wrong.format_message().strip()} {_help_for(wrong)}".strip(), 2)
    except (click.Abort, KeyboardInterrupt):
        return _say("stopped", 130)
    except BrokenPipeError:
        raise
    except Exception as fault:
        return _explain(fault, debug)


def _explain(fault: Exception, debug: bool) -> int:
    from concurrent.futures.process import BrokenProcessPool

    from sim.batch.disk import FULL, StorageError, refusal
    from sim.batch.ended import Interrupted, RunFailed
    from sim.batch.memory import RAN_OUT, lacking

    if isinstance(fault, Interrupted):
        return _say(str(fault), 130)
    if debug:
        sys.stderr.writelines(fault.traces if isinstance(fault, RunFailed) else traceback.format_exception(fault))
    if isinstance(fault, RunFailed | StorageError):
        return _say(str(fault), 1)
    if lacking(fault) or isinstance(fault, BrokenProcessPool):
        less = "close other programs, or ask for less: fewer --jobs, a smaller --block, fewer --worlds"
        how = RAN_OUT if lacking(fault) else "a process was killed, most likely for want of memory"
        return _say(str(fault) if RAN_OUT in str(fault) else f"{how}; {less}", 1)
    if isinstance(fault, OSError) and (no := refusal(fault, str(fault.filename or "the output"))).what.endswith(FULL):
        return _say(str(no), 1)
    message = " ".join(str(fault).split()) or "no message"
    return _say(f"something went wrong inside Chokepoint: {type(fault).__name__}: {message} (--debug shows where)", 1)


def _help_for(wrong: click.ClickException) -> str:
    context = getattr(wrong, "ctx", None)
    return f"(see {context.command_path} --help)" if context is not None else ""


def _say(sentence: str, code: int) -> int:
    with contextlib.suppress(OSError):
        sys.stderr.write(f"chokepoint: {sentence}\n")
        sys.stderr.flush()
    return code


if __name__ == "__main__":
    sys.exit(main())
