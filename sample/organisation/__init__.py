"""Northwind Bank, a company that does not exist, told as registers and attempts."""
