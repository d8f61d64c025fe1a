"""`python -m aisle.cli` is `aisle`."""

from aisle.cli import main

if __name__ == "__main__":
    main()
