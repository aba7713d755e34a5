"""The speed of the pages, in a network of any size."""
