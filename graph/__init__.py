"""Who is who, who is kin, what is tied to what: the dated graph of one run."""
