"""Stems to recipes to audio windows, stimuli and text. Never torch, never Django."""
