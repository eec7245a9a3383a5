"""The ledger: what was stolen, who says so, since when. Claims are kept; every total is a query over them."""
