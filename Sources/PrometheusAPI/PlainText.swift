internal import MetricsModel

/// Text that JSON takes as it is: ASCII without control characters, quotes, backslashes and what HTML could misread.
enum PlainText {
    /// Whether no byte has to be escaped or checked; looks at eight at a time.
    static func isPlain(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        let bytes = UnsafeRawBufferPointer(text)
        var offset = 0
        while bytes.count - offset >= 8 {
            let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            guard careful(word) == 0 else { return false }
            offset += 8
        }
        guard offset < bytes.count else { return true }
        // What fills up the last word is plain.
        var last = repeated(UInt8(ascii: " "))
        for byte in bytes[offset...] { last = last << 8 | UInt64(byte) }
        return careful(last) == 0
    }

    /// Writes plain text in quotes.
    ///
    /// - Precondition: There is room for two bytes more than the text has.
    /// - Returns: How many bytes it took.
    @discardableResult
    static func quote(
        _ text: UnsafeBufferPointer<UInt8>,
        to target: UnsafeMutableRawBufferPointer
    ) -> Int {
        target[0] = UInt8(ascii: "\"")
        let rest = UnsafeMutableRawBufferPointer(rebasing: target[1...])
        rest.copyMemory(from: UnsafeRawBufferPointer(text))
        rest[text.count] = UInt8(ascii: "\"")
        return text.count + 2
    }

    /// Writes an object of label names and values.
    ///
    /// - Returns: How many bytes it took; 0 where a name or value is not plain, or there is not enough room.
    static func write(_ labels: Labels, to target: UnsafeMutableRawBufferPointer) -> Int {
        labels.key.withUnsafeBufferPointer { key in
            var cursor = LabelCursor(key)
            var offset = 1
            while let (name, value) = cursor.next() {
                let end = offset + name.count + value.count + 6
                guard end <= target.count, isPlain(name), isPlain(value) else { return 0 }
                offset += quote(
                    name,
                    to: UnsafeMutableRawBufferPointer(rebasing: target[offset...])
                )
                target[offset] = UInt8(ascii: ":")
                offset += 1
                offset += quote(
                    value,
                    to: UnsafeMutableRawBufferPointer(rebasing: target[offset...])
                )
                target[offset] = UInt8(ascii: ",")
                offset += 1
            }
            guard target.count >= 2 else { return 0 }
            target[0] = UInt8(ascii: "{")
            // The last comma gives way.
            let end = max(offset - 1, 1)
            target[end] = UInt8(ascii: "}")
            return end + 1
        }
    }

    /// Marks the high bit of some bytes if, and only if, one of them is not plain.
    private static func careful(_ word: UInt64) -> UInt64 {
        // Bytes from 0x80 on have the bit, 0x7F gets it by adding one; below 0x20 and below one that equals a
        // byte, subtracting borrows into it. A borrow reaches the next byte only from one that is marked.
        var marks = word | ((word & ~highBits) &+ repeated(1))
        marks |= (word &- repeated(0x20)) & ~word
        for byte in [UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "&")] {
            marks |= zeroes(word ^ repeated(byte))
        }
        // `<` and `>` differ in one bit.
        marks |= zeroes((word & ~repeated(2)) ^ repeated(UInt8(ascii: "<")))
        return marks & highBits
    }

    /// Marks the lowest byte that is 0, and maybe higher ones.
    private static func zeroes(_ word: UInt64) -> UInt64 {
        (word &- repeated(1)) & ~word & highBits
    }

    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    private static func repeated(_ byte: UInt8) -> UInt64 {
        UInt64(byte) &* 0x0101_0101_0101_0101
    }
}
