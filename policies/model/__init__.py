"""Documents to the domain: the subjects that requirements are judged on. Nothing here opens a file."""
