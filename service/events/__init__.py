"""Matchmaking events: rosters, wishes, a schedule, the match book, and what came of the meetings."""
