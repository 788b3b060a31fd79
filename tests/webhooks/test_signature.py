from __future__ import annotations

from lenticular.webhooks.signature import headers, secret_of
from tests.webhooks.receiver import Got

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'


def test_a_signature_is_the_one_that_other_libraries_expect() -> None:
    """The example that libraries of Standard Webhooks are tested with."""
    told = headers("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, BODY, [SECRET])
    assert told["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert (told["webhook-id"], told["webhook-timestamp"]) == ("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330")


def test_while_a_secret_changes_both_sign() -> None:
    new, other = secret_of(bytes(range(32))), secret_of(bytes(32))
    got = Got("", headers("msg_1", 5, BODY, [new, SECRET]), BODY)
    assert got.headers["webhook-signature"].count("v1,") == 2
    assert got.is_signed_with(new) and got.is_signed_with(SECRET) and not got.is_signed_with(other)
    assert not Got("", {**got.headers, "webhook-timestamp": "6"}, BODY).is_signed_with(new)
    assert not Got("", {**got.headers, "webhook-id": "msg_2"}, BODY).is_signed_with(new)
    assert not Got("", got.headers, BODY + b" ").is_signed_with(new)
