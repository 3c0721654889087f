"""Files or APIs to documents with their origin. Nothing here knows what a platform is for."""
