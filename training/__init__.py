"""Windows to features to model to adapter to scores. torch lives here; Django never does."""
