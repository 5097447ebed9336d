"""The worker process in which tools parse what comes from the world; what kills it is set aside, the rest goes on."""
