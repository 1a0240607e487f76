"""The sounds: one file per instrument family."""
