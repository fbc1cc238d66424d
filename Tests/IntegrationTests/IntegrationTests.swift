import Testing

// Real executables, a real PostgreSQL and a real Prometheus, one test at a time.

@Suite(.serialized) enum IntegrationTests {}
