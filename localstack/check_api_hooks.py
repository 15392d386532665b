"""What a JSON Schema cannot say.

Of our numbers: `19.0` is an integer to it, and none to the API. Of headers: white space around a value is no part of it
(RFC 9110, 5.5), so whoever receives it cannot refuse it.
"""

import schemathesis


def written_whole(value: object) -> object:
    match value:
        case dict():
            return {name: written_whole(member) for name, member in value.items()}
        case list():
            return [written_whole(member) for member in value]
        case float() if value.is_integer():
            return int(value)
        case _:
            return value


@schemathesis.hook
def map_case(context: schemathesis.HookContext, case: schemathesis.Case) -> schemathesis.Case:
    case.body = written_whole(case.body)
    return case


@schemathesis.hook
def filter_headers(context: schemathesis.HookContext, headers: dict[str, object] | None) -> bool:
    return all(not isinstance(value, str) or value == value.strip() for value in (headers or {}).values())
