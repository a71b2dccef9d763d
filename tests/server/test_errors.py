"""bxpull_server.errors."""

import bxpull_server.errors as errors
from bxpull_server.errors import PushServerError


def tree(kind: type[PushServerError]) -> set[type[PushServerError]]:
    return {kind}.union(*(tree(child) for child in kind.__subclasses__()))


def test_every_exception_has_a_code_of_its_own_and_is_in_the_documented_tree() -> None:
    kinds = [kind for kind in tree(PushServerError) if kind.__module__ == errors.__name__]
    codes = [kind.code for kind in kinds]
    assert len(set(codes)) == len(codes)
    for kind in kinds:
        assert f"{kind.__name__} " in (errors.__doc__ or "")
        assert f" {kind.code}" in (errors.__doc__ or "")


def test_messages_name_input_and_fix() -> None:
    assert str(errors.OptionsError("port", "must be a number")) == "option port: must be a number"
    assert str(errors.EventError("command", "must not be empty")) == "command: must not be empty"
    assert str(errors.PortInUseError("127.0.0.1", 8893)) == (
        "port 8893 on 127.0.0.1 is in use: stop the program that listens there, "
        "choose another port, or give port 0 to let the system choose"
    )
