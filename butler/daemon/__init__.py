"""The daemon: one small process that wakes, queues and watches; every run is a child of it that ends."""
