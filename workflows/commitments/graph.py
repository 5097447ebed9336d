"""Commitments as a LangGraph graph: sync, find, propose, one after the other."""

from __future__ import annotations

from typing import Any

from langgraph.graph import END, START, StateGraph

from butler.core.context import Context
from workflows.commitments.nodes import Nodes
from workflows.commitments.state import State


def build(context: Context) -> StateGraph[State, None, State, State]:
    """Wire the nodes of one run."""
    nodes = Nodes(context)
    # Any: LangGraph types a node by the name of its parameter, which a node that needs no state does not use.
    order: dict[str, Any] = {"sync": nodes.sync, "find": nodes.find, "propose": nodes.propose}
    graph: StateGraph[State, None, State, State] = StateGraph(State)
    before = START
    for name, node in order.items():
        graph.add_node(name, node)
        graph.add_edge(before, name)
        before = name
    graph.add_edge(before, END)
    return graph
