"""Faults for real processes: Python imports this at its start where a test has put this folder on PYTHONPATH.

FAULT: what happens in the block that holds world FAULT_WORLD; FULL: a folder that is filled to the last byte before the manifest is
written; PATIENCE: seconds after which a block hangs, if they are TIMES what is usual.
"""

import os
import signal

if "FAULT" in os.environ:
    import numpy as np

    import sim.model

    real, fault, world = sim.model.simulate, os.environ["FAULT"], int(os.environ["FAULT_WORLD"])

    def simulate(scenario, case, worlds, values, *, check=False):
        told = real(scenario, case, worlds, values, check=check)
        if world in worlds.number and scenario.run.months > 1:  # and not in the look at one month beforehand
            if fault == "raise":
                raise FloatingPointError("overflow in a rule")
            if fault == "infinite":
                told.series["approvals"][3, worlds.number == world] = np.inf
            if fault == "blank":
                told.series["approvals"][3, worlds.number == world] = np.nan
            if fault == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            if fault == "stop":
                os.kill(os.getpid(), signal.SIGSTOP)
        return told

    sim.model.simulate = simulate

if "FULL" in os.environ:
    from sim.batch import engine

    write_manifest = engine.write_manifest

    def full(folder, manifest):
        with open(os.path.join(os.environ["FULL"], "filler"), "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(1024))
            except OSError:
                write_manifest(folder, manifest)

    engine.write_manifest = full

if "PATIENCE" in os.environ:
    from sim.batch import local

    local.PATIENCE, local.TIMES = float(os.environ["PATIENCE"]), int(os.environ.get("TIMES", local.TIMES))
