"""What the numbers say: the model held against the record and fitted to it, runs against each other, and what moves them."""
