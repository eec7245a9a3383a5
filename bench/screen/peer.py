"""Score pairs with nomenklatura's logic-v2, in the peer's own environment: JSON lines [a, b, schema] in, scores out."""

import json
import sys
import time

from followthemoney import model
from followthemoney.proxy import EntityProxy
from nomenklatura.matching import get_algorithm

ALGORITHM = get_algorithm("logic-v2")
CONFIG = ALGORITHM.default_config()


def entity(name, schema, side, cache={}):  # noqa: ANN001, ANN201, B006 - the cache is wanted: parsing is not what is compared
    key = (name, schema, side)
    if key not in cache:
        cache[key] = (
            EntityProxy.from_dict({"id": f"{side}-{len(cache)}", "schema": schema, "properties": {"name": [name]}})
            if not hasattr(model, "get_proxy")
            else model.get_proxy({"id": f"{side}-{len(cache)}", "schema": schema, "properties": {"name": [name]}})
        )
    return cache[key]


def main() -> None:
    pairs = [json.loads(line) for line in sys.stdin]
    ALGORITHM.compare(entity("A B", "Person", "q"), entity("C D", "Person", "r"), CONFIG)  # load what loads once
    started = time.process_time()
    scores = [ALGORITHM.compare(entity(a, schema, "q"), entity(b, schema, "r"), CONFIG).score for a, b, schema in pairs]
    json.dump({"seconds": time.process_time() - started, "scores": scores}, sys.stdout)


main()
