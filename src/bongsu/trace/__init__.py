"""Follow stolen money: the policies, the run over the transfers, the evidence for each position."""
