"""A second, slow and plain implementation of the metric definitions, to judge the SQL by."""
