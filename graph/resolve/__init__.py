"""Identity: which mentions in which rows are the same person, company, unit or village."""
