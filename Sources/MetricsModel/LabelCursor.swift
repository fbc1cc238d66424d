internal import Glibc

/// Walks the labels of a series key in place.
///
/// Ends at the first byte that is not part of a well-formed label: ``position`` then stands before it.
public struct LabelCursor {
    private let bytes: UnsafeBufferPointer<UInt8>
    /// Offset of the next label.
    public private(set) var position = 0

    public init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// Begins at a label in the middle of a key.
    ///
    /// - Precondition: `position` is where a label begins, or the end.
    init(_ bytes: UnsafeBufferPointer<UInt8>, from position: Int) {
        self.bytes = bytes
        self.position = position
    }

    /// The next label, or nil at the end or where the bytes are not a label in canonical form.
    public mutating func next() -> (
        name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>
    )? {
        var offset = position
        guard let length = field(0x0a, &offset, bytes.count) else { return nil }
        let end = offset + length
        guard let nameLength = field(0x0a, &offset, end) else { return nil }
        let name = UnsafeBufferPointer(rebasing: bytes[offset..<offset + nameLength])
        offset += nameLength
        guard let valueLength = field(0x12, &offset, end), offset + valueLength == end else {
            return nil
        }
        position = end
        return (name, UnsafeBufferPointer(rebasing: bytes[offset..<end]))
    }

    /// Reads a tag and a length, and checks that as many bytes follow before `end`.
    @inline(__always)
    private func field(_ tag: UInt8, _ offset: inout Int, _ end: Int) -> Int? {
        // Nearly all lengths have one byte.
        guard end - offset >= 2, bytes[offset] == tag, bytes[offset + 1] < 0x80 else {
            return longField(tag, &offset, end)
        }
        let length = Int(bytes[offset + 1])
        offset += 2
        return length <= end - offset ? length : nil
    }

    @inline(never)
    private func longField(_ tag: UInt8, _ offset: inout Int, _ end: Int) -> Int? {
        guard offset < end, bytes[offset] == tag else { return nil }
        offset += 1
        var length = 0
        var shift = 0
        // Four bytes name up to 256 MiB; no label set is larger.
        while offset < end, shift < 28 {
            let byte = bytes[offset]
            offset += 1
            length |= Int(byte & 0x7f) << shift
            if byte < 0x80 {
                // A longer spelling of the same length would be a second key for the same labels.
                guard byte != 0 || shift == 0 else { return nil }
                return length <= end - offset ? length : nil
            }
            shift += 7
        }
        return nil
    }
}

/// Orders two byte strings as `memcmp` does, the shorter of two with a common prefix first.
public func compareBytes(
    _ left: UnsafeBufferPointer<UInt8>,
    _ right: UnsafeBufferPointer<UInt8>
) -> Int {
    let common = min(left.count, right.count)
    if common > 0, let left = left.baseAddress, let right = right.baseAddress {
        let order = memcmp(left, right, common)
        if order != 0 { return Int(order) }
    }
    return left.count - right.count
}
