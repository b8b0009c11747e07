"""Landing: files become typed records in the lake, or quarantine entries with a reason."""
