"""The bases that adapters are trained on, behind one interface: one file each, recognised by their config.json."""
