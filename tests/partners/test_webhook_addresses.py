"""Where webhooks go: no way of writing an address, no name and no network leads inside (row S1 of reliability.md)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.partners.domain.webhooks.addresses import AddressRefused, Reach, address_of, networks

OPEN = Reach()
INSIDE = (
    *("https://127.0.0.1/", "https://127.0.0.1:443/", "https://127.1/", "https://127.0.1/", "https://0/"),
    *("https://0.0.0.0/", "https://2130706433/", "https://0x7f000001/", "https://0x7f.0.0.1/", "https://0177.0.0.1/"),
    *("https://017700000001/", "https://127.0.0.01/", "https://127.0.0.1./", "https://0x/", "https://10.0.0.5/"),
    *("https://172.16.0.1/", "https://172.31.255.254/", "https://192.168.1.1/", "https://192.168.257/"),
    *("https://100.64.0.1/", "https://100.100.100.200/", "https://169.254.169.254/latest/meta-data/"),
    *("https://169.254.170.2/", "https://168.63.129.16/", "https://192.0.0.192/", "https://192.0.2.1/"),
    *("https://198.18.0.1/", "https://198.51.100.7/", "https://203.0.113.9/", "https://224.0.0.1/"),
    *("https://239.255.255.250/", "https://240.0.0.1/", "https://255.255.255.255/", "https://192.88.99.1/"),
    *("https://[::1]/", "https://[::]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/"),
    *("https://[::ffff:8.8.8.8]/", "https://[::127.0.0.1]/", "https://[0:0:0:0:0:0:0:1]/", "https://[fe80::1]/"),
    *("https://[fc00::1]/", "https://[fd00:ec2::254]/", "https://[fec0::1]/", "https://[ff02::1]/"),
    *("https://[64:ff9b::7f00:1]/", "https://[64:ff9b::10.0.0.1]/", "https://[64:ff9b:1::1]/"),
    *("https://[2002:7f00:1::]/", "https://[2001::7f00:1]/", "https://[2001:db8::1]/", "https://[100::1]/"),
    *("https://localhost/", "https://LOCALHOST/", "https://localhost./", "https://sub.localhost/"),
    *(
        "https://mongo/",
        "https://preau-billing/",
        "https://billing.preau.svc/",
        "https://billing.preau.svc.cluster.local/",
    ),
    *("https://kubernetes.default.svc/", "https://metadata.google.internal/", "https://router.home.arpa/"),
    *(
        "https://printer.local/",
        "https://intranet/",
        "https://erp.corp/",
        "https://x.lan/",
        "https://1.0.0.127.in-addr.arpa/",
    ),
)
UNREADABLE = (
    *(
        "https://[fe80::1%25eth0]/",
        "https://[::1",
        "https://::1/",
        "https://user@127.0.0.1/",
        "https://a:b@partner.fr/",
    ),
    *("https://partner.fr@127.0.0.1/", "https://partner.fr\\@127.0.0.1/", "https:\\\\127.0.0.1/", "https:/partner.fr/"),
    *(
        "https://①②⑦.⓪.⓪.①/",
        "https://127。0。0。1/",
        "https://ｌocalhost/",
        "https://partner.fr /",
        " https://partner.fr/",
    ),
    *(
        "https://partner.fr/\r\nHost: mongo",
        "https://partner.fr/\x00",
        "https://partner.fr\t/",
        "https://par%74ner.fr/",
    ),
    *("https://partner.fr:0/", "https://partner.fr:00443/", "https://partner.fr:443:22/", "https://partner.fr:/"),
    *(
        "file:///etc/passwd",
        "gopher://partner.fr/",
        "ftp://partner.fr/",
        "//partner.fr/",
        "partner.fr",
        "javascript:alert(1)",
    ),
    *(
        "https:///",
        "https://",
        "",
        "https://partner.fr/#part",
        "https://partner.fr/%zz",
        f"https://partner.fr/{'a' * 500}",
    ),
)
OTHERWISE_WRONG = (
    *("http://partner.fr/", "http://127.0.0.1/", "https://partner.fr:22/", "https://partner.fr:6379/"),
    *("https://partner.fr:80/", "https://partner.fr:65536/", "https://-partner.fr/", "https://partner..fr/"),
    *("https://.partner.fr/", "https://partner.fr../", f"https://{'a' * 64}.fr/"),
)


@pytest.mark.parametrize("url", [*INSIDE, *UNREADABLE, *OTHERWISE_WRONG])
def test_an_address_that_does_not_lead_to_the_open_internet_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        address_of(url, OPEN)


def test_more_than_sixty_ways_inside_were_tried() -> None:
    assert len(set(INSIDE)) >= 60


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("https://partner.fr", "partner.fr", 443),
        ("https://webhooks.partner.example.com/preau?town=sainte-aurore&x=%C3%A9", "webhooks.partner.example.com", 443),
        ("HTTPS://Partner.FR:8443/Hooks", "partner.fr", 8443),
        ("https://partner.fr./", "partner.fr", 443),
        ("https://xn--prau-dpa.fr/", "xn--prau-dpa.fr", 443),
        ("https://8.8.8.8/", "8.8.8.8", 443),
        ("https://[2a01:e0a::1]/", "2a01:e0a::1", 443),
    ],
)
def test_an_address_of_the_open_internet_is_taken_in_its_parts(url: str, host: str, port: int) -> None:
    address = address_of(url, OPEN)

    assert (address.host, address.port, address.url) == (host, port, url)


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "10.1.2.3",
            "169.254.169.254",
            "::1",
            "::ffff:10.0.0.1",
            "fe80::1%eth0",
            "fd12::1",
            "2002:a00::1",
        ),
        *("64:ff9b::a00:1", "224.0.0.251", "not an address", "", "0x7f.1", "2130706433", "127.1"),
    ],
)
def test_a_name_that_leads_inside_is_not_connected_to(address: str) -> None:
    assert not OPEN.allows(address)


def test_networks_of_the_operator_are_refused_besides() -> None:
    reach = Reach(refused=networks("51.15.0.0/16, 2a01:e0a::/32"))

    assert not reach.allows("51.15.3.4")
    assert not reach.allows("2a01:e0a::5")
    assert reach.allows("51.16.3.4")
    with pytest.raises(AddressRefused):
        address_of("https://51.15.3.4/", reach)


def test_tests_and_the_sandbox_may_be_let_inside() -> None:
    reach = Reach(inside=True)

    assert address_of("http://127.0.0.1:9000/hook", reach).port == 9000
    assert reach.allows("127.0.0.1")
    with pytest.raises(AddressRefused):
        address_of("http://partner@127.0.0.1/", reach)


@given(st.integers(0, 2**32 - 1))
def test_no_private_address_of_version_4_is_open_however_it_is_carried(number: int) -> None:
    from ipaddress import IPv4Address, IPv6Address

    four = IPv4Address(number)
    carried = [IPv6Address(prefix | number) for prefix in (0, 0xFFFF << 32, 0x64FF9B << 96)]
    if not four.is_global:
        assert not OPEN.allows(str(four))
    assert not any(OPEN.allows(str(one)) for one in carried)


@given(st.text(max_size=60))
def test_any_text_is_refused_or_an_address_on_an_open_port(text: str) -> None:
    try:
        address = address_of(f"https://{text}", OPEN)
    except AddressRefused:
        return
    assert address.port in OPEN.ports
