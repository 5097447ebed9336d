"""The Model Context Protocol: the butler's reads for other programs, and servers of the owner's choice for the butler."""
