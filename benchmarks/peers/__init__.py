"""What we are measured against: other programs with their best settings, in environments of their own."""
