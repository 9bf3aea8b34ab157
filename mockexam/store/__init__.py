"""What must outlive a kill: the ledger, the submitted models, and the records beside them."""
