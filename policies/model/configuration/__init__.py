"""What configuration says: its keys, its values, and where each address in it leads."""
