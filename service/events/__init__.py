"""Events (路演, 找矿挖宝): rosters, schedules, match books, what came of the meetings."""
