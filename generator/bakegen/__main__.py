"""`python -m bakegen`."""

from bakegen.cli import main

main()
