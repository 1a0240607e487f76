"""Measurements: each bench_<name>.py has run() -> list[Metric]; ./dev bench prints them."""
