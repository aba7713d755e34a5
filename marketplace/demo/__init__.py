"""A demonstration of the network, made from real schools and invented exchanges."""
