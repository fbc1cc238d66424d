/// The fields that pages are made of.
extension [UInt8] {
    /// Appends a base-128 varint of a number that is not negative.
    mutating func appendVarint(_ value: Int) {
        appendVarint(UInt64(value))
    }

    /// Appends a base-128 varint, least significant group first.
    mutating func appendVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }

    /// Appends a signed number as a varint, so that small magnitudes of either sign are short.
    mutating func appendSignedVarint(_ value: Int64) {
        appendVarint(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
    }

    /// Appends a number in its own width, least significant byte first.
    mutating func appendFixed(_ value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    /// Appends a count and that many bytes.
    mutating func appendSized(_ bytes: [UInt8]) {
        appendVarint(bytes.count)
        append(contentsOf: bytes)
    }
}
