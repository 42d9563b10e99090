"""What the command line accepts as a number, and how it refuses the rest: in one sentence."""

import re
from typing import TYPE_CHECKING, Any

import click

from sim.refusal import InputError, nearest

_WHOLE = re.compile(r"[+-]?[0-9]{1,30}", re.ASCII)


if TYPE_CHECKING:
    _Kind = click.ParamType[int]
    _Kinds = click.ParamType[tuple[int, ...]]
else:
    _Kind = _Kinds = click.ParamType  # not generic before 8.5


class Whole(_Kind):
    """A whole number within the limits of a scenario's `run`, or given ones."""

    name = "N"

    def __init__(self, what: str, least: int = 1, most: int = 4096, of_run: str | None = None) -> None:
        self.what, self.least, self.most, self.of_run = what, least, most, of_run

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        least, most = self.least, self.most
        if self.of_run is not None:
            from sim.sections import RUN_LIMITS

            least, most = RUN_LIMITS[self.of_run]
        text = str(value).strip()
        if not _WHOLE.fullmatch(text) or not least <= int(text) <= most:
            shown = text if len(text) <= 40 and text.isprintable() else f"{text[:40]!r}..."
            option = param.opts[-1] if param is not None else self.what
            raise InputError(option, f'"{shown}" is wrong; {self.what} is a whole number from {least} to {most}')
        return int(text)


class WorldNumbers(_Kinds):
    """Numbers of worlds with commas between them, in order, each once."""

    name = "W,W..."

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, ...]:
        if isinstance(value, tuple):
            return value
        parts = [part.strip() for part in str(value).split(",")]
        if not all(_WHOLE.fullmatch(part) and int(part) >= 0 for part in parts):
            shown = str(value) if len(str(value)) <= 40 and str(value).isprintable() else f"{str(value)[:40]!r}..."
            option = param.opts[-1] if param is not None else "worlds"
            raise InputError(option, f'"{shown}" is wrong; give the numbers of worlds with commas between them, such as 0,5,17')
        return tuple(sorted({int(part) for part in parts}))


class Commands(click.Group):
    """A group that says which command an unknown one may have been."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            known = self.list_commands(ctx)
            hint = nearest(args[0], known) or f"; the commands are {', '.join(known)}"
            raise InputError(args[0][:40], f"there is no such command{hint}")
        return super().resolve_command(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which one needs them."""
        return list(self.commands)
