"""Side by side with peers: one run, the same work, ratios. Needs the `bench` extra."""
