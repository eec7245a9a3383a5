"""The nouns: chains, addresses, assets, amounts, transfers. Values only; nothing here reads a file or a clock."""
