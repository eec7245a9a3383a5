"""Union-find over numbered members: the root of a set is its smallest member, paths are halved on the way."""

from __future__ import annotations

from numba import njit, types
from numba.extending import intrinsic


@intrinsic
def _members(typing_context, array):
    pointer = types.CPointer(types.int32)

    def generate(context, builder, signature, args):
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        return builder.bitcast(data, context.get_value_type(pointer))

    return pointer(array), generate


@njit(forceinline=True)
def _root(parent, member):
    while parent[member] != member:
        parent[member] = parent[parent[member]]
        member = parent[member]
    return member


@njit(cache=True, nogil=True)
def join(ends, members, parent):
    """Join the members of each group: `ends` int64 (groups + 1,), `members` int32, `parent` int32."""
    tree = _members(parent)
    for group in range(ends.shape[0] - 1):
        if ends[group] == ends[group + 1]:
            continue
        a = _root(tree, members[ends[group]])
        for place in range(ends[group] + 1, ends[group + 1]):
            b = _root(tree, members[place])
            if a < b:
                tree[b] = a
            elif b < a:
                tree[a] = b
                a = b


@njit(cache=True, nogil=True)
def flatten(parent):
    """Let every member point to its root."""
    for member in range(parent.shape[0]):
        parent[member] = parent[parent[member]]
