"""`python -m service.cli`: the same as `jiebang`."""

from service.cli.root import main

main()
