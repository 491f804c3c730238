/// The OpenTelemetry protocol's data model (opentelemetry-proto 1.x) as value types, decoded from and encoded to protobuf
/// and OTLP/JSON. Text is `ByteString`: slices of the request's body.
package enum OTLP {}
