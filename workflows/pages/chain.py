"""Wires nodes one after the other, which is all that most workflows need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from langgraph.graph import END, START, StateGraph


class State(TypedDict, total=False):
    """What is checkpointed: the run, its day, the references that it is about, and the stage that was finished last."""

    run: str
    day: str
    found: list[str]
    stage: str


def chain(nodes: Mapping[str, Any]) -> StateGraph[State, None, State, State]:
    """Wire some nodes in their order.

    Any: LangGraph types a node by the name of its parameter, which a node that needs no state does not use.
    """
    graph: StateGraph[State, None, State, State] = StateGraph(State)
    before = START
    for name, node in nodes.items():
        graph.add_node(name, node)
        graph.add_edge(before, name)
        before = name
    graph.add_edge(before, END)
    return graph
