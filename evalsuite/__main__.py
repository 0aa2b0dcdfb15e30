"""`python -m evalsuite` is `evalsuite`."""

from evalsuite.cli import main

# An engine's workers may import the main module anew; they must not start the program again.
if __name__ == "__main__":
    main()
