"""The engine (adapter + excerpt -> advice) and the worker that runs jobs on it."""
