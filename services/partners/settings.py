"""What the partners service reads from its environment (`PARTNERS_…`)."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """`public_url`: the gateway as partners see it.

    `door_*`: the virtual host partners' systems connect to by AMQP; without them no such subscription is offered.
    `door_amqp_url`: it, by a user who may declare and publish there; `door_api_url`: the HTTP API of RabbitMQ's
    management plugin, `http://user:password@host:port`, by a user who may manage users; `door_address`: what partners
    are told to connect to (`amqps://partenaires.example:5671/partners`); `door_queues`: how many queues it may hold.
    It need not be the broker of the house: on the open internet it should not be.

    `keep_log_days`: how long events can be read again (docs/retention.md). `queue_length`: after that many messages
    nobody took, an AMQP queue is full and the rest waits in the log.

    `nice`: how far this process stands back when the machine has not enough for all (as the command of that name):
    what partners are told waits for what families do.

    `secrets_key`: `name:64 hexadecimal digits`, several apart by commas, what secrets of webhooks are sealed with.
    `webhook_ports`: the ports webhooks may go to. `webhook_refused_networks`: networks of your own with addresses of
    the open internet that they may not go to. `webhook_anywhere`: let them go to http and to addresses inside as
    well: for tests and for trying out on one machine, never where others can subscribe.
    `sandbox_town`: the town whose events are invented, for partners to try; empty for none.
    `sandbox_events_per_minute`: how many events are invented for it.
    """

    model_config = SettingsConfigDict(frozen=True, env_prefix="PARTNERS_")

    public_url: str = "http://127.0.0.1:8080"
    door_amqp_url: str = ""
    door_api_url: str = ""
    door_address: str = ""
    door_queues: int = Field(500, ge=1)
    queue_length: int = Field(100_000, ge=1_000)
    keep_log_days: int = Field(30, ge=1)
    nice: int = Field(10, ge=0, le=19)
    secrets_key: str = ""
    webhook_ports: str = Field("443,8443", pattern=r"^[0-9]{1,5}(,[0-9]{1,5})*$")
    webhook_refused_networks: str = ""
    webhook_anywhere: bool = False
    sandbox_town: str = ""
    sandbox_events_per_minute: int = Field(6, ge=0, le=6_000)
