"""Downloads of the journal whose progress a page shows: what is asked for, and how far it is."""
