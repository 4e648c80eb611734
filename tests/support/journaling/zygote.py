"""A process that has imported everything and forks collectors in a few milliseconds, so that hundreds can be killed in seconds.

It reads one job a line from its standard input, `<folder> <socket> <store> <deadly point> <occurrence>`, forks a child that
does the job, and prints the child's pid. Children speak with the test over the socket; see `collector_child`.
The engine's library is not loaded here: it does not live through a fork.
"""

import gc
import os
import signal
import sys

from support.journaling.collector_child import main


def serve() -> None:
    """Fork until the test goes away."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.freeze()
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            sys.stdin.close()
            try:
                main(*line.rstrip("\n").split("\t"))
            finally:
                os._exit(0)
        print(pid, flush=True)


if __name__ == "__main__":
    serve()
