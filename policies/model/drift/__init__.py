"""What runs against what is declared, field by field."""
