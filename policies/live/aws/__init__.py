"""What acts on AWS: which account, an embedded one where none is named, and what is created and driven there."""
