"""Ports: each with its variable, and one clear sentence when it cannot be had."""

import socket

import pytest

from deploy.local import ports
from deploy.local.ports import PortRefused


@pytest.fixture
def taken():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


def test_without_variables_the_documented_ports_are_used():
    chosen = ports.chosen({})
    assert chosen["portal"] == 8000
    assert chosen["gateway"] == 8080
    assert chosen["mongo"] == 27117
    assert chosen["amqp"] == 5673


@pytest.mark.parametrize("name", ports.NEEDS)
def test_every_port_has_its_variable(name):
    assert ports.chosen({f"PREAU_PORT_{name.upper()}": "4321"})[name] == 4321


def test_zero_takes_a_free_port_for_each():
    chosen = ports.chosen({f"PREAU_PORT_{name.upper()}": "0" for name in ports.NEEDS})
    assert len(set(chosen.values())) == len(ports.NEEDS)
    assert not any(ports.is_taken(number) for number in chosen.values())


def test_a_taken_port_is_told_with_who_needs_it_and_what_to_change(taken):
    with pytest.raises(PortRefused) as refusal:
        ports.refuse_taken({"billing": taken})
    assert str(refusal.value) == (
        f"Port {taken} is taken and the billing service needs it: "
        "free it, or choose another with PREAU_PORT_BILLING=<number>."
    )


def test_a_port_whose_last_owner_has_just_left_is_free():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        number = listening.getsockname()[1]
        with socket.create_connection(("127.0.0.1", number)):
            listening.accept()[0].close()
    assert not ports.is_taken(number)


@pytest.mark.parametrize("text", ["eighty", "-1", "65536", "", "８０"])
def test_something_else_than_a_port_is_refused(text):
    with pytest.raises(PortRefused, match="PREAU_PORT_PORTAL must be a port"):
        ports.chosen({"PREAU_PORT_PORTAL": text})


def test_a_misspelt_variable_is_refused():
    with pytest.raises(PortRefused, match="PREAU_PORT_PORTALL"):
        ports.chosen({"PREAU_PORT_PORTALL": "8001"})


def test_two_parts_cannot_have_one_port():
    with pytest.raises(PortRefused, match="the portal and to the gateway: change PREAU_PORT_GATEWAY"):
        ports.chosen({"PREAU_PORT_GATEWAY": "8000"})
