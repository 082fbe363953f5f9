"""What we hand over and take in: PDFs, sheets, and the store of their bytes. Plain values only."""
