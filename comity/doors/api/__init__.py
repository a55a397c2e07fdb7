"""The JSON API. Every operation is declared once (`declare.Operation`): routes, checks and the OpenAPI document follow from that."""
