"""From a request's bytes into ClickHouse's Protobuf reader: nesting flattened, cut into portions and days."""
