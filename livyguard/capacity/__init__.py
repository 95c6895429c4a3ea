"""WHAT FITS: worker types, and how many executors each person may have. Pure."""
