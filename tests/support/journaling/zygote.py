"""A process that has imported everything and forks collectors in a few milliseconds, so that hundreds can be killed in seconds.

It reads one job a line from its standard input, `<folder> <socket> <store> <deadly point> <occurrence>`, forks a child that
does the job, and prints the child's pid. Children speak with the test over the socket; see `collector_child`.
A child that died keeps its number until the next job: the test opens its handle by the number, also where the child died before that.
The engine's library is not loaded here: it does not live through a fork.
"""

import contextlib
import gc
import os
import sys

from support.journaling.collector_child import main


def serve() -> None:
    """Fork until the test goes away."""
    gc.freeze()
    for line in sys.stdin:
        _bury()
        pid = os.fork()
        if not pid:
            sys.stdin.close()
            try:
                main(*line.rstrip("\n").split("\t"))
            finally:
                os._exit(0)
        print(pid, flush=True)


def _bury() -> None:
    """Wait for the children that have ended; their handles are open by now."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


if __name__ == "__main__":
    serve()
