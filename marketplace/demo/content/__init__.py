"""The words of the demonstration: listings, conversations, notes and names, all invented.

The schools of a demonstration are real, so nothing here states a fact about one: no results,
no inspection grades, no numbers of pupils, no names. Texts say “our school” and “our lead”.
"""
