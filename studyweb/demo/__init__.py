"""`manage.py demo`: everything on one machine, from stems to results, without broker, GPU or Docker."""
