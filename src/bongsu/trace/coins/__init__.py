"""Follow stolen coins through a chain of unspent outputs: docs/coin-policies.md defines the policies."""
