"""Who may do what in the database and on the broker: one user per service, with no more than it needs."""

from deploy.local import rabbit
from deploy.local.environment import DOMAIN, KEEPING, migrator_of
from deploy.local.mongo import MongoUser
from deploy.local.rabbit import BrokerUser, Plan
from deploy.local.secrets import Secrets
from shared.messaging import topology


def database_users(secrets: Secrets) -> list[MongoUser]:
    """Two per service: one to run with, one to migrate with (validators are changed by `dbAdmin`)."""
    running = [MongoUser(service, secrets.of("mongo", service), service) for service in KEEPING]
    rights = ("readWrite", "dbAdmin")
    migrating = [
        MongoUser(migrator_of(service), secrets.of("mongo", migrator_of(service)), service, rights)
        for service in KEEPING
    ]
    return running + migrating


def broker_plan(secrets: Secrets) -> Plan:
    """One user per service: publishes to the house's exchanges, reads its own queues, declares nothing.

    The gateway's reads the log for the live stream, and publishes nothing.
    """
    exchanges = "|".join(name.replace(".", r"\.") for name in topology.EXCHANGES)
    log = topology.LOG.replace(".", r"\.")
    # Partners are told what the log holds.
    reads = {service: rf"^{service}\..*" for service in DOMAIN} | {"partners": rf"^(partners\..*|{log})$"}
    services = [
        BrokerUser(service, secrets.of("amqp", service), write=f"^({exchanges})$", read=reads[service])
        for service in DOMAIN
    ]
    gateway = BrokerUser("gateway", secrets.of("amqp", "gateway"), read=f"^{log}$")
    admin = rabbit.admin(secrets.of("amqp", rabbit.ADMIN))
    door = rabbit.doorkeeper(secrets.of("amqp", rabbit.DOORKEEPER))
    return Plan([admin, *services, gateway, door], topology.policies(DOMAIN))
