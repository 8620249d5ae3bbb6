"""`python -m pycodex`."""

from pycodex.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
