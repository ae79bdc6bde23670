"""`python -m gateway` is `creditgate`."""

from gateway.cli.app import main

main()
