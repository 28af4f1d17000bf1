"""Directed graphs, as node → the nodes it leads to: which nodes are in circles, and how many lie behind each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

Graph = Mapping[str, Sequence[str]]

_AT_ONCE = 4096
"""Nodes whose reach is worked out together: one bit each, for every node of the graph."""


def components(graph: Graph) -> Iterator[list[str]]:
    """The strongly connected parts, each after every part it leads to.

    Steps are kept on a list of our own: a chain of dependencies may be longer than Python's stack.

    >>> list(components({"a": ["b"], "b": ["c", "a"]}))
    [['c'], ['b', 'a']]

    Source: Tarjan, "Depth-first search and linear graph algorithms", SIAM Journal on Computing 1 (1972).
    """
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    open_: list[str] = []
    is_open: set[str] = set()

    def enter(node: str) -> tuple[str, Iterator[str]]:
        number[node] = lowest[node] = len(number)
        open_.append(node)
        is_open.add(node)
        return node, iter(graph.get(node, ()))

    for start in graph:
        walk = [] if start in number else [enter(start)]
        while walk:
            node, rest = walk[-1]
            step = next(rest, None)
            if step is not None:
                if step not in number:
                    walk.append(enter(step))
                elif step in is_open:
                    lowest[node] = min(lowest[node], number[step])
                continue
            walk.pop()
            if walk:
                before = walk[-1][0]
                lowest[before] = min(lowest[before], lowest[node])
            if lowest[node] == number[node]:
                part = [open_.pop()]
                while part[-1] != node:
                    part.append(open_.pop())
                is_open.difference_update(part)
                yield part


def cycles(graph: Graph) -> list[list[str]]:
    """The parts that hold more than one node, each sorted, in order of their first node.

    >>> cycles({"a": ["b"], "b": ["c", "a"], "c": ["d"]})
    [['a', 'b']]
    """
    return sorted(sorted(part) for part in components(graph) if len(part) > 1)


def reach(graph: Graph) -> dict[str, int]:
    """Node → how many other nodes it leads to, directly or through others.

    >>> sorted(reach({"a": ["b", "c"], "b": ["c", "a"]}).items())
    [('a', 2), ('b', 2), ('c', 0)]
    """
    parts = list(components(graph))
    part_of = {node: number for number, part in enumerate(parts) for node in part}
    behind = [
        {part_of[step] for node in part for step in graph.get(node, ())} - {number}
        for number, part in enumerate(parts)
    ]
    counts = [-1] * len(parts)
    for first in range(0, len(part_of), _AT_ONCE):
        bit = {
            node: 1 << place for place, node in enumerate(list(part_of)[first : first + _AT_ONCE])
        }
        reached: list[int] = []
        for number, part in enumerate(parts):
            held = 0
            for node in part:
                held |= bit.get(node, 0)
            for step in behind[number]:
                held |= reached[step]
            reached.append(held)
            counts[number] += held.bit_count()
    return {node: counts[number] for number, part in enumerate(parts) for node in part}
