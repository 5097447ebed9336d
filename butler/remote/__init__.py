"""Sources, hands and ears whose work is done by confined workers: they look like those of the tools, and dial for them."""
