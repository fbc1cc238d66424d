internal import Glibc

/// A literal in memory that its pattern owns, compared with bytes in place.
struct LiteralBytes: BitwiseCopyable {
    /// In lower case if ``foldsCase``.
    private let bytes: UnsafeBufferPointer<UInt8>
    /// Whether ASCII letters match in either case.
    private let foldsCase: Bool

    init(_ text: LiteralText, in memory: PatternMemory) {
        bytes = memory.copy(text.bytes)
        foldsCase = text.casing == .folded
    }

    var size: Int { bytes.count }

    /// Whether the literal stands at an offset.
    ///
    /// - Precondition: So many bytes are there.
    @inline(__always)
    func stands(in text: UnsafeBufferPointer<UInt8>, at offset: Int) -> Bool {
        guard let wanted = bytes.baseAddress, let found = text.baseAddress else { return true }
        return Self.compare(wanted, found + offset, size, foldsCase: foldsCase) == 0
    }

    /// The first offset within a range where the whole literal stands in it.
    func firstOffset(in text: UnsafeBufferPointer<UInt8>, within range: Range<Int>) -> Int? {
        guard let first = bytes.first, let base = text.baseAddress else { return range.lowerBound }
        // A literal that begins later cannot end inside.
        let end = range.upperBound - size + 1
        var offset = range.lowerBound
        while offset < end {
            if foldsCase {
                while offset < end, Self.lowercased(base[offset]) != first { offset += 1 }
                guard offset < end else { return nil }
            } else {
                guard let found = memchr(base + offset, Int32(first), end - offset) else {
                    return nil
                }
                offset = UnsafeRawPointer(found) - UnsafeRawPointer(base)
            }
            if stands(in: text, at: offset) { return offset }
            offset += 1
        }
        return nil
    }

    /// The order of a literal, in lower case if `foldsCase`, and as many bytes of a text.
    @inline(__always)
    static func compare(
        _ literal: UnsafePointer<UInt8>,
        _ text: UnsafePointer<UInt8>,
        _ count: Int,
        foldsCase: Bool
    ) -> Int {
        guard foldsCase else { return Int(memcmp(literal, text, count)) }
        for index in 0..<count {
            let difference = Int(literal[index]) - Int(lowercased(text[index]))
            if difference != 0 { return difference }
        }
        return 0
    }

    @inline(__always)
    private static func lowercased(_ byte: UInt8) -> UInt8 { LiteralText.lowercased(byte) }
}
