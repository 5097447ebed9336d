"""Servers of the owner's choice, which speak MCP: each a program in a jail of its own, with a way out to its hosts alone."""
