"""Grows the topics that are keyed by user, and moves what is kept of people to where their records will come.

Every step may be done twice, and `readings` grows last: until then the processor won't start, since its state topic has
another count. So a run that was killed at any point is finished by the next one.
"""
