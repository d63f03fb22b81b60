"""``python -m idiolect.cli``: the same as ``idiolect``."""

from idiolect.cli.app import main

main()
