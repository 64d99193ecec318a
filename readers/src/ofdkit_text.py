"""Prints what ofdkit reads in the OFD files named on the command line, as one JSON object."""

import json
import sys

import ofdkit

readings = {}
for path in sys.argv[1:]:
    with ofdkit.open(path) as document:
        readings[path] = {
            "custom_data": document.info.custom_data,
            "pages": [
                {"text": page.text(), "runs": [[run.object_id, run.text] for run in page.runs]}
                for page in document.pages
            ],
            "warnings": document.warnings,
        }
json.dump(readings, sys.stdout)
