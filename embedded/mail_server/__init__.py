"""The demo's mail server: real SMTP in, real IMAP and a page to look at what arrived out; nothing leaves the machine."""
