"""`python -m bnsyn_dsl` is `bnsyn`."""

from bnsyn_dsl.cli import main

main()
