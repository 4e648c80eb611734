"""A service, watched from inside: requests, what they call, and what holds the process up. `hookline.instrument(app)` is the way in.

    instrumenting        one call for everything, and back
    service_watch        what requests and calls are given to; the tail decision
    asgi, asgi_apps      requests over HTTP and websockets, and where the clock goes into an application
    route_names          a route's whole name
    recent_routes        what is usual for a route, and so what is slow
    served_request       a request while it is served
    calls, statements    a database or gRPC call, its caller, its words
    durations            histograms for 0.3 us a value
    kept_request, kept_spans    the tree of what is kept, as values; as spans and records
    service_metrics, service_delivery    out, in the background
    import_watch, patches    libraries are patched when they are imported, and come back
    providers, sdk_spans    where the process has providers of OpenTelemetry of its own
    clients/  rpc/       the libraries that are patched
    runtime/             the process: loop, garbage collection, memory, descriptors

Nothing here is imported before `instrument` is called, and no client before the application has imported it or has it installed.
"""
