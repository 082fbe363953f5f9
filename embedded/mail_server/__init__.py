"""The demo's mail server: real SMTP in, a page to look at what arrived out; nothing leaves the machine."""
