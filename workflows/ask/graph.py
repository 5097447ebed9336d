"""Asking as a LangGraph graph: what code can tell at once, else plan, read and note until there is enough, then answer."""

from __future__ import annotations

from typing import Any

from langgraph.graph import END, START, StateGraph

from butler.core.context import Context
from workflows.ask.nodes import Nodes
from workflows.ask.state import State


def build(context: Context) -> StateGraph[State, None, State, State]:
    """Wire the nodes of one run."""
    nodes = Nodes(context)
    # Any: LangGraph types a node by the name of its parameter, which a node that needs no state does not use.
    answer: Any = nodes.answer
    graph: StateGraph[State, None, State, State] = StateGraph(State)
    graph.add_node("answer", answer)
    graph.add_edge(START, "answer")
    graph.add_edge("answer", END)
    return graph
