"""AI Security Metrics: land files, build the warehouse, publish generations."""
