"""Chokepoint: export controls as a negotiation, simulated over many possible futures.

From Python: `Plan.of("history")` reads a scenario and its case, `simulate` runs a block of its worlds; the command line does both.
"""

__version__ = "0.3.0"
