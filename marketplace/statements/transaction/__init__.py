"""One record of the book: what it moved, who did it, and the chain of steps that led to it."""
