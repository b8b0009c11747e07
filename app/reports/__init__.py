"""Reports for the mail: the numbers, sentences and charts of the pages in a file of their own."""
