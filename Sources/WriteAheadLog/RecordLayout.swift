internal import MetricsModel

/// The first byte of a record: format version in the high four bits, type in the low four.
enum RecordLayout {
    static let version: UInt8 = 1

    enum Kind: UInt8 {
        case samples = 1
        case cutBegun = 2
        case cutFinished = 3
        /// Samples of which some are no plain floats.
        case mixedSamples = 4
        case exemplars = 5
        case metadata = 6
    }

    static func head(_ kind: Kind) -> UInt8 { version << 4 | kind.rawValue }

    /// Reference, fingerprint and key length of a definition take at least this many bytes.
    static let minimumDefinitionSize: UInt64 = 18
    /// Reference, timestamp and value of a sample take at least this many bytes.
    static let minimumSampleSize: UInt64 = 10
    /// … and at most this many.
    static let maximumSampleSize = 28
    /// Reference, timestamp, kind and value of a sample that is no plain float take at least this many.
    static let minimumOtherSize: UInt64 = 11

    /// A series key with its size takes at least this many bytes: that of one label of one character.
    static let minimumSeriesSize: UInt64 = 9
    /// An exemplar takes at least this many bytes beside the number of its series.
    static let minimumExemplarSize = UInt64(ExemplarBytes.minimumSize) + 1
    /// A metadata entry takes at least this many bytes beside its time.
    static let minimumMetadataSize = UInt64(MetadataBytes.minimumSize) + 1

    /// Bits of the byte that says what a sample is that is no plain float.
    enum OtherKind {
        static let isHistogram: UInt8 = 1
        static let hasStart: UInt8 = 2
        static let known: UInt8 = isHistogram | hasStart
    }
}

/// The fields that records are made of.
extension [UInt8] {
    /// Appends a base-128 varint, least significant group first.
    mutating func appendVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest &>>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }

    /// Appends eight bytes, least significant first.
    mutating func appendFixed64(_ value: UInt64) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }
}

/// Signed numbers as unsigned ones of small size: 0, −1, 1, −2 … become 0, 1, 2, 3 ….
enum ZigZag {
    static func encode(_ value: Int64) -> UInt64 {
        UInt64(bitPattern: (value &<< 1) ^ (value &>> 63))
    }

    static func decode(_ value: UInt64) -> Int64 {
        Int64(bitPattern: (value &>> 1) ^ (0 &- (value & 1)))
    }
}
