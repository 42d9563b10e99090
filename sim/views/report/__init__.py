"""The report: one file to send, which opens offline."""
