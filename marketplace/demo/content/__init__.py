"""The words of the demonstration: listings, conversations, notes and names, all invented.

The schools of a demonstration are real, so nothing here may pass for news about one: no results,
no inspection grades, no numbers of pupils, no names, and no request that confesses a failing.
Texts say “our school” and “our lead”, and ask as a good school would that wants to learn.
"""
