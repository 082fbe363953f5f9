"""How to talk e-mail: addresses, headers, messages, SMTP. Plain values in, plain values out."""
