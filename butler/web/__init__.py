"""What the daemon serves over HTTP on this machine, and only when that is wanted."""
