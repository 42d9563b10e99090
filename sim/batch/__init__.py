"""A run over many worlds: planned, computed block by block, stored in a results folder and read back.

plan.py cuts the worlds, worker.py computes a block, engine.py runs them all by local.py (processes of this machine) or cluster.py
(a Dask cluster; remote.py is its workers' part), store.py writes parts, summary.py ends a run, results.py reads it, audit.py checks
it. The batch knows nothing of economics.
"""
