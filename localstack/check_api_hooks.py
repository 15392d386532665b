"""What a JSON Schema cannot say of our numbers: `19.0` is an integer to it, and none to the API."""

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
