"""Who acts: Mesa agents with views on their own rows of the exchanges' tables, and the casts that move at once."""
