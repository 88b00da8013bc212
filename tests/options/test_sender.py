import pytest

from atrium.options.registry import BadValue, option


@pytest.mark.once
@pytest.mark.parametrize(
    "text",
    [
        "atrium@example.org",
        "Atrium <atrium@localhost>",
        "Дім Ольги <house@example.org>",
        '"Olha, at home" <house@example.org>',
    ],
)
def test_one_address_is_a_sender(text: str) -> None:
    assert option("mail.from").parse(text) == text


@pytest.mark.once
@pytest.mark.parametrize(
    "text",
    [
        *("", "Atrium", "@", "a@", "a@b", "<>", "Atrium <>", "Atrium <a@example.org"),
        *("a@example.org, b@example.org", "Olha, at home <house@example.org>"),
        *("a@example.org\r\nBcc: all@example.org", "a@example.org b", "१@example.org"),
        "A" * 300 + " <a@example.org>",
    ],
)
def test_what_is_no_single_address_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(BadValue) as refused:
        option("mail.from").parse(text)
    assert refused.value.detail.endswith(".")
