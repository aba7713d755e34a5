"""A settlement with a frozen account: refused, until the operator lets this one through."""
