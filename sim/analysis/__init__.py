"""What the numbers say: the model held against the record."""
