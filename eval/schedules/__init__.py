"""Schedules judged from outside: random events, a checker and an exhaustive search.

Nothing here imports the solver's model; events and schedules are plain JSON objects.
"""
