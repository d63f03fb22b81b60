"""The handbook: what the assistant can look up, for models too small to know anything."""
