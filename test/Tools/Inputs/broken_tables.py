# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Cost tables with one thing wrong: each is refused in one line that names the file."""

import json
import pathlib
import subprocess
import sys

MODEL = pathlib.Path(__file__).parent / "negative-zeros.mlir"
GOOD = json.loads(pathlib.Path(sys.argv[1]).read_text())


def changed(edit):
    table = json.loads(json.dumps(GOOD))
    edit(table)
    return json.dumps(table)


TABLES = {
    "nothing": "",
    "no object": "[1, 2]",
    "cut": json.dumps(GOOD)[:200],
    "another version": changed(lambda t: t.update(version=2)),
    "another target": changed(lambda t: t.update(target="gfx803")),
    "no lines": changed(lambda t: t.pop("lines")),
    "no lanes": changed(lambda t: t.update(lanes=0)),
    "a negative cost": changed(lambda t: t["lines"][0].update(entry_ns=-1)),
    "a name for a number": changed(lambda t: t["lines"][0].update(step_ns="one")),
}

refused = 0
for what, text in TABLES.items():
    path = pathlib.Path("broken.json")
    path.write_text(text)
    done = subprocess.run(["sparsec", "inspect", MODEL, "--strategy=cost",
                           f"--cost-table={path}"], capture_output=True, text=True)
    lines = done.stderr.splitlines()
    fine = done.returncode == 1 and len(lines) == 1 and "broken.json" in lines[0]
    refused += fine
    print(f"{what}: {'refused' if fine else 'WRONG'}: {done.returncode} {done.stderr}", end="")
print(f"{refused} of {len(TABLES)}")
