internal import CSnappy

/// Writes protobuf by hand, in good form and in all the bad ones that tests need.
public struct WireWriter: Sendable {
    public private(set) var bytes: [UInt8] = []

    public init() {}

    /// Goes on behind bytes.
    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    public mutating func varint(_ value: UInt64, extraBytes: Int = 0) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest) | (extraBytes > 0 ? 0x80 : 0))
        for extra in 0..<extraBytes { bytes.append(extra == extraBytes - 1 ? 0 : 0x80) }
    }

    public mutating func tag(_ field: Int, _ type: Int) { varint(UInt64(field << 3 | type)) }

    public mutating func message(_ field: Int, extraLengthBytes: Int = 0, _ content: [UInt8]) {
        tag(field, 2)
        varint(UInt64(content.count), extraBytes: extraLengthBytes)
        bytes += content
    }

    public mutating func message(_ field: Int, _ write: (inout WireWriter) -> Void) {
        var inner = WireWriter()
        write(&inner)
        message(field, inner.bytes)
    }

    public mutating func double(_ field: Int, _ value: Double) {
        tag(field, 1)
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }

    public mutating func label(_ name: String, _ value: String) {
        message(1) { label in
            label.message(1, Array(name.utf8))
            label.message(2, Array(value.utf8))
        }
    }

    public mutating func sample(_ timestamp: Int64, _ value: Double) {
        message(2) { sample in
            sample.double(1, value)
            sample.tag(2, 0)
            sample.varint(UInt64(bitPattern: timestamp))
        }
    }

    public mutating func series(
        _ labels: [(String, String)],
        _ samples: [(Int64, Double)]
    ) {
        message(1) { series in
            for (name, value) in labels { series.label(name, value) }
            for (timestamp, value) in samples { series.sample(timestamp, value) }
        }
    }

    /// The bytes as a snappy block.
    public var compressed: [UInt8] {
        var size = snappy_max_compressed_length(bytes.count)
        var block = [CChar](repeating: 0, count: size)
        let status = bytes.map { CChar(bitPattern: $0) }.withUnsafeBufferPointer {
            snappy_compress($0.baseAddress, $0.count, &block, &size)
        }
        precondition(status == SNAPPY_OK, "snappy cannot compress: \(status)")
        return block[..<size].map { UInt8(bitPattern: $0) }
    }
}

/// Histograms by hand.
extension WireWriter {
    public mutating func number(_ field: Int, _ value: UInt64) {
        tag(field, 0)
        varint(value)
    }

    public mutating func signed(_ field: Int, _ value: Int64) {
        number(field, Self.zigzag(value))
    }

    public mutating func span(_ field: Int, _ offset: Int64, _ length: UInt64) {
        message(field) { span in
            span.signed(1, offset)
            span.number(2, length)
        }
    }

    /// Packed `sint64`.
    public mutating func deltas(_ field: Int, _ deltas: [Int64]) {
        var packed = WireWriter()
        for delta in deltas { packed.varint(Self.zigzag(delta)) }
        message(field, packed.bytes)
    }

    /// Packed `double`.
    public mutating func doubles(_ field: Int, _ values: [Double]) {
        message(
            field,
            values.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian) { Array($0) } }
        )
    }

    /// A whole integer histogram with one positive bucket, of schema 0.
    public mutating func histogram(_ timestamp: Int64, count: UInt64, inBucket: Int64? = nil) {
        message(4) { histogram in
            histogram.number(1, count)
            histogram.double(3, Double(count))
            histogram.span(11, 0, 1)
            histogram.deltas(12, [inBucket ?? Int64(count)])
            histogram.number(15, UInt64(bitPattern: timestamp))
        }
    }

    private static func zigzag(_ value: Int64) -> UInt64 {
        UInt64(bitPattern: (value << 1) ^ (value >> 63))
    }
}

/// Exemplars and metadata by hand. The types of the model are not known here.
extension WireWriter {
    /// An exemplar of a series; labels as they are.
    public mutating func exemplar(
        _ labels: [(String, String)],
        _ timestamp: Int64,
        _ value: Double
    ) {
        message(3) { exemplar in
            for (name, value) in labels { exemplar.label(name, value) }
            exemplar.double(2, value)
            exemplar.number(3, UInt64(bitPattern: timestamp))
        }
    }

    /// Metadata of a request.
    ///
    /// - Parameter kind: The number of remote write.
    public mutating func metadata(
        kind: UInt64,
        name: String,
        help: String = "",
        unit: String = ""
    ) {
        message(3) { metadata in
            metadata.number(1, kind)
            metadata.message(2, Array(name.utf8))
            metadata.message(4, Array(help.utf8))
            metadata.message(5, Array(unit.utf8))
        }
    }
}
