"""Statistics of a study: pure numpy and scipy, frozen results that carry estimand, counts and warnings."""
