"""`python -m aism` is `aism`."""

from aism.cli import main

if __name__ == "__main__":
    main()
