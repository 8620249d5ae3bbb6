"""`pycodex doctor`: looks at what a run needs, one check at a time, and says of each failure what to do."""
