"""Pulls raw answers of tracker APIs into the landing folder; dlt is loaded only to do it."""
