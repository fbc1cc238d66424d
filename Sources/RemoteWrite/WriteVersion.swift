/// The message that a request's body says it is.
public enum WriteVersion: Sendable, Equatable {
    /// `prometheus.WriteRequest`, remote write 1.0.
    case one
    /// `io.prometheus.write.v2.Request`, remote write 2.0.
    case two
}
