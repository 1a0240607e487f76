"""How evalica and statsmodels estimate a preference from votes: runs in an environment of its own (peer_process.py).

Takes one JSON request a line (`reader`, and `draws` for the bootstrap) and answers with one JSON line: the CPU seconds
that it took and what it found.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import evalica
import numpy as np
import statsmodels.api as sm

Estimate = Callable[[dict[str, Any]], list[float]]


def estimates(path: str) -> dict[str, Estimate]:
    """{name: estimate} of the votes in an .npz file; turning arrays into a package's own input is done beforehand."""
    votes = np.load(path)
    score, groups = votes["score"], np.column_stack([votes["participant"], votes["track"]])
    constant = np.ones_like(score)
    first, second = ["first"] * score.size, ["second"] * score.size
    outcomes = {0.0: evalica.Winner.Y, 0.5: evalica.Winner.Draw, 1.0: evalica.Winner.X}
    winners = [outcomes[value] for value in score.tolist()]

    def with_evalica(_: dict[str, Any]) -> list[float]:
        return [float(evalica.average_win_rate(first, second, winners).scores["first"])]

    def with_evalica_bootstrap(request: dict[str, Any]) -> list[float]:
        found = evalica.bootstrap(
            evalica.average_win_rate,
            first,
            second,
            winners,
            n_resamples=request["draws"],
            bootstrap_method="percentile",
            random_state=1,
        )
        return [float(found.low["first"]), float(found.high["first"])]

    def with_statsmodels(_: dict[str, Any]) -> list[float]:
        fit = sm.OLS(score, constant).fit(cov_type="cluster", cov_kwds={"groups": groups}, use_t=True)
        return [float(fit.params[0]), float(fit.bse[0])]

    return {"evalica": with_evalica, "evalica bootstrap": with_evalica_bootstrap, "statsmodels": with_statsmodels}


def main(arguments: list[str]) -> int:
    """Answer requests until standard input ends."""
    found = estimates(arguments[0])
    print(json.dumps({name: version(name) for name in ("evalica", "statsmodels")}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        before = time.process_time()
        result = found[request["reader"]](request)
        print(json.dumps({"cpu_s": time.process_time() - before, "found": result}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
