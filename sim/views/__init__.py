"""What people look at: pages and texts made from scenarios and results."""
