"""The command line: one file per command, loaded when it is called.

In: arguments. Out: text on stdout, findings on stderr, files where they were asked for, and an
exit code: 0, 1 for errors in the input, 2 for wrong usage, 130 after Ctrl-C. Input that is wrong
never ends in a traceback. Not done here: anything but reading arguments and showing results.

    entry        the group of commands
    <command>    `bnsyn <command>`
    console      where text goes
    opening      file -> tree, library, plans
"""

from bnsyn_dsl.cli.entry import main

__all__ = ["main"]
