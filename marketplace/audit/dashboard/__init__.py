"""The figures of the network for the start page of auditors and operators, and unusual entries."""
