"""Sheets: lists read, columns matched, result sheets written."""
