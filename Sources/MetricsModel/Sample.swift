/// One value of a series at one time.
public struct Sample: Sendable, Equatable {
    /// Milliseconds since the Unix epoch.
    public var timestamp: Int64
    public var value: Double

    public init(timestamp: Int64, value: Double) {
        self.timestamp = timestamp
        self.value = value
    }

    /// Compares values by their bits: staleness markers and NaN payloads are values of their own.
    public static func == (left: Sample, right: Sample) -> Bool {
        left.timestamp == right.timestamp && left.value.bitPattern == right.value.bitPattern
    }
}

/// The float that says a series has ended.
///
/// A signalling NaN with payload 2, as Prometheus writes it; an ordinary NaN is `0x7ff8000000000001`.
public enum StaleMarker {
    public static let bits: UInt64 = 0x7ff0_0000_0000_0002

    /// The marker as a value; its bits survive copies, but not arithmetic.
    public static var value: Double { Double(bitPattern: bits) }

    @inlinable
    public static func isMarker(_ value: Double) -> Bool {
        value.bitPattern == 0x7ff0_0000_0000_0002
    }
}
