"""Related-party dealings and conflicts of interest."""
