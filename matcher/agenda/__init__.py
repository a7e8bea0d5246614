"""Which meetings an event holds, when and at which table.

`event` and `schedule` are the two files; `reading` reads and checks them; `problem` makes numbers of an
event; `solve` chooses meetings and places them. The objective is defined in `problem`.
"""
