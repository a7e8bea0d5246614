"""Batch runs: all needs of a roster or of the base against all achievements, in shards that survive a kill.

`frozen` keeps what a run is made from, `runs` knows the rows, `work` does the shards, `results` writes and compares.
"""
