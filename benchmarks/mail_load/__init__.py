"""What the mailing benchmark is made of: our pipeline, servers to send to, the peers."""
