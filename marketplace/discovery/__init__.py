"""Finding listings: words and their meanings, facets, distance and matching."""
