"""Screen names, wallets and ships against lists, with the reasons. `korean` stands by itself."""
