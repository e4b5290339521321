"""Traces by OpenTelemetry, off unless an endpoint is set; nothing of it is imported otherwise."""

from importlib import import_module


def start_tracing(service: str, endpoint: str) -> None:
    """Call before aiohttp applications are built: later instrumentation would miss them."""
    if not endpoint:
        return
    trace = import_module("opentelemetry.trace")
    sdk = import_module("opentelemetry.sdk.trace")
    resources = import_module("opentelemetry.sdk.resources")
    export = import_module("opentelemetry.sdk.trace.export")
    otlp = import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    provider = sdk.TracerProvider(resource=resources.Resource.create({"service.name": f"preau-{service}"}))
    provider.add_span_processor(export.BatchSpanProcessor(otlp.OTLPSpanExporter(endpoint=endpoint)))
    trace.set_tracer_provider(provider)
    for module, instrumentor in (
        ("aiohttp_server", "AioHttpServerInstrumentor"),
        ("aiohttp_client", "AioHttpClientInstrumentor"),
        ("aio_pika", "AioPikaInstrumentor"),
        ("pymongo", "PymongoInstrumentor"),
    ):
        getattr(import_module(f"opentelemetry.instrumentation.{module}"), instrumentor)().instrument()
