from __future__ import annotations

import os
import subprocess
import sys


def test_tracing_stays_off_in_a_process_that_scrubs_first() -> None:
    code = (
        "import os; from butler.environment import scrub_environment; scrub_environment(os.environ);"
        "from langsmith.utils import tracing_is_enabled; print(tracing_is_enabled())"
    )
    environ = os.environ | {"LANGSMITH_TRACING": "true", "LANGCHAIN_TRACING_V2": "true"}
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
