"""The policies, one per file, in their plain reference form: exact integers and obvious code.

They are the yardstick that faster kernels are held against. docs/policies.md defines them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bongsu.trace.policies.fifo import Fifo
from bongsu.trace.policies.haircut import Haircut
from bongsu.trace.policies.lifo import Lifo
from bongsu.trace.policies.poison import Poison
from bongsu.trace.policies.taint_first import TaintFirst

if TYPE_CHECKING:
    from bongsu.trace.policy import Account

POLICIES: dict[str, type[Account]] = {policy.name: policy for policy in (Fifo, Lifo, Haircut, Poison, TaintFirst)}
"""Every policy by its name, in the order in which they are shown."""
