"""The model gateway: one call asks for one schema; the only importer of `ollama`."""

from butler.model.gateway import Gateway
from butler.model.report import ModelReport, Problem, inspect, inspect_all

__all__ = ["Gateway", "ModelReport", "Problem", "inspect", "inspect_all"]
