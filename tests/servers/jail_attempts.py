"""All that a worker which was taken over would try, one thing each."""

import jail_tries_files
import jail_tries_rights
import jail_tries_talking
from jail_trying import ATTEMPTS, DEATHS, ROOT_ONLY, UNSURE, World

__all__ = ["ATTEMPTS", "DEATHS", "ROOT_ONLY", "UNSURE", "World"]

KINDS = (jail_tries_files, jail_tries_talking, jail_tries_rights)
