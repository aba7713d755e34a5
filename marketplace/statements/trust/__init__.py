"""The credits of all schools of a trust on one page, for the trust's finance staff."""
