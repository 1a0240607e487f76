"""The web side: studies, trials, jobs, statistics, exports. Imports datagen only; never torch."""
