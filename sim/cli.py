"""The command line: `chokepoint` and its commands, in the order in which one needs them."""

import click

from sim import __version__
from sim.commands import answers, runs, scenarios
from sim.options import Commands


@click.group(cls=Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="chokepoint", message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, help="Show where in the code something went wrong (or set CHOKEPOINT_DEBUG=1).")
@click.pass_context
def chokepoint(context: click.Context, debug: bool) -> None:
    """Export controls as a negotiation: licences, sanctions and 5G procurement over thousands of possible futures.

    Start with `chokepoint list`, then `chokepoint run history`.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


for command in (
    scenarios.list_scenarios,
    scenarios.check,
    scenarios.diff,
    scenarios.new,
    scenarios.case,
    runs.run,
    runs.sweep,
    runs.why,
    answers.compare,
    answers.plot,
    answers.report,
    answers.explore,
    answers.sensitivity,
    answers.robust,
    answers.validate,
    answers.calibrate,
    scenarios.parameters,
    scenarios.outcomes,
    scenarios.schema,
    runs.verify,
    runs.reproduce,
):
    chokepoint.add_command(command)
