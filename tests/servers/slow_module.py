"""What takes longer to be loaded than anybody waits."""

import time

time.sleep(600)
