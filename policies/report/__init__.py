"""One handler a format. A report shows verdicts; it judges nothing."""
