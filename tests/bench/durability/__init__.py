"""Scripted sessions of the page's own outbox against a real server, with everything failing in turn."""
