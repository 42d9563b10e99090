"""What lies between agents: one table an exchange, with rows for the edges of the network and one column a world."""
