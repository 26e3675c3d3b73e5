"""Campaign files: the settings of a run in TOML, for schedulers. README, "Campaigns that run themselves", is the contract."""
