"""The TAXII 2.1 server: `resources` reads requests and writes responses, `app` routes them. Neither decides anything."""
