/// How a log line looks.
public enum LogFormat: String, Sendable, CaseIterable {
    /// One JSON object.
    case json
    /// Time, level and message, then `key=value` pairs.
    case text
}
