"""Attacks, each refused or contained while an honest fleet goes on."""
