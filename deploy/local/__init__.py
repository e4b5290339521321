"""Préau on one machine: MongoDB, RabbitMQ, the stand-ins and every service, started and stopped together."""
