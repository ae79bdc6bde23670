"""HTTP in: one list of routes, from which both the router and the OpenAPI document are made.

Read `app` first: it shows what happens to every call. Knows `gateway.pipeline` and the floor;
nothing but `gateway.wiring` and the command line knows it.
"""
