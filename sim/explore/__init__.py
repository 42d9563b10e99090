"""`chokepoint explore`: a local page to play with. The page is app.py, a marimo notebook; what it computes stands beside it."""
