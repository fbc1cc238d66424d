public import MetricsModel

/// Builds remote-write 1.0 requests, as a sender does.
public struct WriteRequestEncoder: Sendable {
    private var body: [UInt8] = []

    public init() {}

    /// Adds one series with one sample.
    public mutating func add(_ labels: Labels, timestamp: Int64, value: Double) {
        add(labels, [Sample(timestamp: timestamp, value: value)])
    }

    /// Adds one series; samples by ascending time.
    public mutating func add(_ labels: Labels, _ samples: [Sample]) {
        var series = labels.key
        for sample in samples {
            var field: [UInt8] = [0x09]
            withUnsafeBytes(of: sample.value.bitPattern.littleEndian) {
                field.append(contentsOf: $0)
            }
            field.append(0x10)
            Self.append(UInt64(bitPattern: sample.timestamp), to: &field)
            series.append(0x12)
            Self.append(UInt64(field.count), to: &series)
            series.append(contentsOf: field)
        }
        body.append(0x0a)
        Self.append(UInt64(series.count), to: &body)
        body.append(contentsOf: series)
    }

    /// The bytes of a `prometheus.WriteRequest`.
    public var uncompressed: [UInt8] { body }

    /// The request as one snappy block, as it goes into an HTTP body.
    public func compressed() -> [UInt8] { SnappyBlock.compress(body) }

    private static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
