"""Real servers for tests: started on demand, each in a folder and on a port of its own."""
