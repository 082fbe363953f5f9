"""What the benchmark of the portal is made of: its rows, and who asks for pages."""
