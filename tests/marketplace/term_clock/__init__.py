"""Whether a school has hours to give."""
