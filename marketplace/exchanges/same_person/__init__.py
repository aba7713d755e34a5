"""One person on both sides of an exchange: refused, unless the trust of both schools allows it."""
