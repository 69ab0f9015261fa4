import pytest

from boomi.client import BadAddress, ForeignHost, check_base_url
from boomi.client.errors import Unreachable
from boomi.client.hosts import HostRule, is_private_host, read_address


def names(host: str) -> list[str]:
    known = {
        "sandbox": ["172.18.0.3"],
        "inner.example": ["10.0.0.1"],
        "mixed": ["10.0.0.1", "8.8.8.8"],
    }
    return known.get(host, ["93.184.216.34"])


def rule(base: str = "https://api.boomi.com", **changes: object) -> HostRule:
    return HostRule(read_address(base)[0], resolve=names, **changes)


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("https://api.boomi.com/x?a=1", "https://api.boomi.com/x?a=1"),
        ("https://API.Boomi.COM:443/x", "https://api.boomi.com/x"),
        ("https://api.boomi.com./x", "https://api.boomi.com/x"),
        ("https://api.platform.gb.boomi.com/x#part", "https://api.platform.gb.boomi.com/x"),
        ("https://platform.boomi.com", "https://platform.boomi.com/"),
    ],
)
def test_an_address_on_the_list_is_sent_as_it_was_checked(url, sent):
    assert rule().check(url) == sent


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/x",
        "https://boomi.com.evil.example/",
        "https://evilboomi.com/",
        "https://boomi.com/",
        "https://api.boomi.com@evil.example/",
        "https://evil.example\\@api.boomi.com/",
        "https://evil.example#@api.boomi.com/",
        "https://evil.example?.boomi.com",
        "https://jo:pw@api.boomi.com/",
        "https://api.boomi.com:8443/",
        "https://api.boomi.com:0/",
        "https://api.boomi.com:x/",
        "https://api.boomi.com..evil.example/",
        "https://api.boomi.com../",
        "https://api.boomi\u3002com/",
        "https://\u0430pi.boomi.com/",
        "https://ap\u0131.boomi.com/",
        "https://api.boomi.com\t.evil.example/",
        " https://api.boomi.com/",
        "https://api.boomi.com/a b",
        "https://api.boomi.com/\r\nX-Evil: 1",
        "http://api.boomi.com/",
        "ftp://api.boomi.com/",
        "file:///etc/passwd",
        "//api.boomi.com/x",
        "/account/x",
        "https:///x",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[fe80::1%25eth0]/",
        "https://169.254.169.254/latest/meta-data",
        "",
    ],
)
@pytest.mark.parametrize("private", [True, False])
def test_an_address_off_the_list_is_refused(url, private):
    with pytest.raises((ForeignHost, BadAddress)):
        rule(allow_http_private=private).check(url)


def test_the_own_host_counts_only_with_its_port():
    local = rule("http://127.0.0.1:8090", allow_http_private=True)
    assert local.check("http://127.0.0.1:8090/x") == "http://127.0.0.1:8090/x"
    with pytest.raises(ForeignHost):
        local.check("http://127.0.0.1:6379/x")


@pytest.mark.parametrize(
    "base", ["http://127.0.0.1:8090", "http://[::1]:8090", "http://sandbox:80"]
)
def test_plain_http_passes_for_private_hosts_where_allowed(base):
    assert rule(base, allow_http_private=True).check(f"{base}/x").endswith("/x")
    with pytest.raises(ForeignHost, match="not secured"):
        rule(base).check(f"{base}/x")


@pytest.mark.parametrize("base", ["http://public.example", "http://mixed", "http://8.8.8.8"])
def test_plain_http_never_passes_for_public_hosts(base):
    with pytest.raises(ForeignHost, match="not secured"):
        rule(base, allow_http_private=True).check(f"{base}/x")


def test_a_listed_entry_may_name_a_port():
    listed = rule(allowed_hosts=("files.example:8443",))
    assert listed.check("https://files.example:8443/x") == "https://files.example:8443/x"
    with pytest.raises(ForeignHost):
        listed.check("https://files.example/x")


@pytest.mark.parametrize(
    ("url", "saved"),
    [
        ("https://api.boomi.com", "https://api.boomi.com"),
        (" https://API.boomi.com:443/api/rest/v1/acme-A1B2C3 ", "https://api.boomi.com"),
        ("https://api.platform.gb.boomi.com/", "https://api.platform.gb.boomi.com"),
    ],
)
def test_a_base_address_is_saved_as_scheme_and_host(url, saved):
    assert check_base_url(url, ("*.boomi.com",), False) == saved


@pytest.mark.parametrize(
    "url",
    [
        "http://api.boomi.com",
        "https://jo@api.boomi.com",
        "https://api.boomi.com?x=1",
        "https://api.boomi.com?",
        "https://api.boomi.com#x",
        "api.boomi.com",
        "javascript:alert(1)",
        "https://example.com",
        "https://[::ffff:127.0.0.1]",
        "https://0.0.0.0",
        "https://2130706433",
        "https://127.1",
        "https://localhost",
        "https://169.254.169.254",
        "http://10.1.2.3:8090",
    ],
)
def test_a_base_address_is_refused_with_a_reason(url):
    with pytest.raises((BadAddress, ForeignHost)) as caught:
        check_base_url(url, ("*.boomi.com",), False, names)
    assert caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:8090", "http://localhost:8090", "http://sandbox:8090", "https://10.1.2.3"],
)
def test_a_private_base_address_is_saved_where_allowed(url):
    assert check_base_url(url, ("*.boomi.com",), True, names) == url


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254", "http://[fe80::1]", "http://0.0.0.0", "http://public.example"]
)
def test_public_and_link_local_addresses_are_refused_even_where_private_ones_are_allowed(url):
    with pytest.raises(ForeignHost):
        check_base_url(url, ("*.boomi.com",), True, names)


def test_a_name_that_cannot_be_resolved_is_said_so():
    def nobody(host: str) -> list[str]:
        raise Unreachable(f"The host name {host} cannot be resolved.", code="HOST_UNKNOWN")

    with pytest.raises(Unreachable, match="cannot be resolved"):
        is_private_host("nowhere.invalid", nobody)
