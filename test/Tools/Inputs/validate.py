# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Holds a JSON file to a schema, which is itself held to the schema of schemas."""

import json
import sys

import jsonschema

schema, instance = (json.load(open(path)) for path in sys.argv[1:])
jsonschema.Draft202012Validator.check_schema(schema)
jsonschema.Draft202012Validator(schema).validate(instance)
assert instance["weights"]
