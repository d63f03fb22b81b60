"""Offers that nobody asked for: what is proposed, and what of it is worth an interruption.

Nothing here does anything: an offer is text, with a prompt that the user may click to send.
"""
