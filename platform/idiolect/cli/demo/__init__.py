"""``idiolect demo``: the main job on the bundled recording, through the same API as everyone."""
