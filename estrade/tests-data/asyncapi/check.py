"""Holds an AsyncAPI document against the schema of AsyncAPI, and each message's examples against the
message's own schema: check.py SCHEMA DOCUMENT"""

import json
import sys

from jsonschema import Draft7Validator, Draft202012Validator, FormatChecker

schema, document = (json.load(open(path, encoding="utf-8")) for path in sys.argv[1:])
wrong = [
    f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}"
    for error in Draft7Validator(schema).iter_errors(document)
]
samples = 0
for name, message in document["components"]["messages"].items():
    # The document's components are where its schemas point.
    whole = {**message["payload"], "components": document["components"]}
    validator = Draft202012Validator(whole, format_checker=FormatChecker())
    for example in message["examples"]:
        samples += 1
        wrong += [f"{name}: {error.message}" for error in validator.iter_errors(example["payload"])]
        if validator.is_valid({}):
            wrong.append(f"{name}: its schema takes anything")
if wrong:
    sys.exit("\n".join(wrong))
print(f"{samples} samples fit")
