extension Labels: Comparable {
    /// The order of results: first name, first value, next name, …; a set that is a prefix comes first.
    ///
    /// Series of one metric share most of their labels. Labels before the first byte that differs are equal, so
    /// only from the label with this byte on are names and values looked at.
    public static func < (left: Labels, right: Labels) -> Bool {
        left.key.withUnsafeBufferPointer { left in
            right.key.withUnsafeBufferPointer { right in
                let common = commonPrefix(left, right)
                // A key ends with a label: one that begins another has fewer labels.
                guard common < left.count, common < right.count else {
                    return left.count < right.count
                }
                let start = labelStart(before: common, in: left)
                return precedes(
                    LabelCursor(left, from: start),
                    LabelCursor(right, from: start)
                )
            }
        }
    }

    /// Compares label by label.
    private static func precedes(_ left: LabelCursor, _ right: LabelCursor) -> Bool {
        var left = left
        var right = right
        while true {
            guard let (rightName, rightValue) = right.next() else { return false }
            guard let (leftName, leftValue) = left.next() else { return true }
            let names = compareBytes(leftName, rightName)
            if names != 0 { return names < 0 }
            let values = compareBytes(leftValue, rightValue)
            if values != 0 { return values < 0 }
        }
    }

    /// How many bytes at the start of both are equal.
    private static func commonPrefix(
        _ left: UnsafeBufferPointer<UInt8>,
        _ right: UnsafeBufferPointer<UInt8>
    ) -> Int {
        let count = min(left.count, right.count)
        let leftBytes = UnsafeRawBufferPointer(left)
        let rightBytes = UnsafeRawBufferPointer(right)
        var offset = 0
        while count - offset >= 8 {
            let leftWord = leftBytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            let rightWord = rightBytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            if leftWord != rightWord {
                let difference = UInt64(littleEndian: leftWord) ^ UInt64(littleEndian: rightWord)
                return offset + difference.trailingZeroBitCount / 8
            }
            offset += 8
        }
        while offset < count, left[offset] == right[offset] { offset += 1 }
        return offset
    }

    /// Where the label begins that holds a byte of a canonical key.
    private static func labelStart(
        before offset: Int,
        in key: UnsafeBufferPointer<UInt8>
    ) -> Int {
        var start = 0
        while true {
            // Behind the tag stands the label's length.
            var position = start + 1
            var length = 0
            var shift = 0
            while position < key.count, shift < 28 {
                let byte = key[position]
                position += 1
                length |= Int(byte & 0x7f) << shift
                if byte < 0x80 { break }
                shift += 7
            }
            guard position + length <= offset else { return start }
            start = position + length
        }
    }
}
