"""The services we bring along, and the one command that runs everything on one machine."""
