"""The `bakegen` command, and `python -m bakegen`: ^C ends it without a traceback while it is being loaded, too."""

import signal
import sys


def main() -> None:
    """Load the command line and run it."""
    try:
        from bakegen import cli

        cli.main()
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


if __name__ == "__main__":
    main()
