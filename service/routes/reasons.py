"""Why something sent is not valid, in plain English and with a stable code, from what the validator found.

A schema's own reason is a `PydanticCustomError` whose type starts with `broker_`. Other texts are not passed on: they
may quote what was sent.
"""

from collections.abc import Mapping
from typing import Any

from service.catalogue import values

REASONS: dict[str, str] = values.REASONS | {
    "date_from_datetime_inexact": "Enter a date as YYYY-MM-DD.",
    "date_from_datetime_parsing": "Enter a date as YYYY-MM-DD.",
    "date_parsing": "Enter a date as YYYY-MM-DD.",
    "date_type": "Enter a date as YYYY-MM-DD.",
    "datetime_from_date_parsing": "Enter a time as YYYY-MM-DDThh:mm:ssZ.",
    "datetime_parsing": "Enter a time as YYYY-MM-DDThh:mm:ssZ.",
    "datetime_type": "Enter a time as YYYY-MM-DDThh:mm:ssZ.",
    "enum": "Choose one of the options.",
    "float_parsing": "Enter a number.",
    "float_type": "Enter a number.",
    "greater_than": "Enter more than {gt}.",
    "int_parsing": "Enter a whole number.",
    "int_parsing_size": "This number is too large.",
    "json_invalid": "The body cannot be read as JSON.",
    "less_than": "Enter less than {lt}.",
    "string_pattern_mismatch": "This does not have the form it should.",
    "string_unicode": "Enter text.",
    "timezone_aware": "Say which time zone, as in YYYY-MM-DDThh:mm:ssZ.",
    "union_tag_invalid": "Choose one of the options.",
    "union_tag_not_found": "This is needed.",
    "uuid_parsing": "Enter a UUID.",
    "uuid_type": "Enter a UUID.",
}
OURS = "broker_"
OTHERWISE = "This value is not valid."


def reason_for(error: Mapping[str, Any]) -> tuple[str, str]:
    """Return code and reason for one of the validator's errors."""
    kind = str(error["type"])
    code = kind.removeprefix(OURS).replace("_", "-")
    if kind.startswith(OURS):
        return code, str(error["msg"])
    return code, REASONS.get(kind, OTHERWISE).format(**error.get("ctx", {}))
