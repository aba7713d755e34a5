"""The schools' credits: the accounts, what moves on them, and how credits are typed and shown.

Features reach the ledger through this room only, and get its refusals in the schools' words.
"""
