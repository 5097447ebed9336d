"""What cannot be loaded."""

raise RuntimeError("\x1b[31mthe library is not there")
