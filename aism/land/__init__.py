"""Landing: files become typed records in the lake, or quarantine entries with file, line and reason."""
