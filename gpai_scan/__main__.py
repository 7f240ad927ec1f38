"""`python -m gpai_scan` is `gpai-scan`."""

from gpai_scan.cli import main

if __name__ == "__main__":
    main()
