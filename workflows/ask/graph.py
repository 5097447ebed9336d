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
    named: dict[str, Any] = {
        "begin": nodes.begin,
        "plan": nodes.plan,
        "read": nodes.read,
        "note": nodes.note,
        "answer": nodes.answer,
    }
    graph: StateGraph[State, None, State, State] = StateGraph(State)
    for name, node in named.items():
        graph.add_node(name, node)
    graph.add_edge(START, "begin")
    graph.add_edge("read", "note")
    for name, ways in {"begin": ("plan",), "plan": ("read", "answer"), "note": ("plan", "answer"), "answer": ()}.items():
        graph.add_conditional_edges(name, _after, {**{way: way for way in ways}, "end": END})
    return graph


def _after(state: State) -> str:
    return state["after"]
