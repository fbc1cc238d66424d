internal import MetricsModel

/// Taking a label out of series' keys, and reading some, before the keys are hashed.
extension DecodedWriteRequest {
    /// Removes the label of a name from every row that has it, in place.
    ///
    /// Of a row in canonical form only the labels up to the name's place are looked at, and only what stands before
    /// the label is moved. A label that is there twice stays, for ``canonicalise(row:in:maximumLabels:)`` to refuse,
    /// and so may one of a row that is not canonical: such a row is asked for again once it is.
    ///
    /// - Parameter buffer: What was scanned.
    /// - Returns: How many rows had it.
    @discardableResult
    public mutating func removeLabel(named name: [UInt8], from buffer: inout ReusableBuffer) -> Int
    {
        var count = 0
        for row in rows.indices where removeLabel(named: name, ofRow: row, from: &buffer) {
            count += 1
        }
        return count
    }

    /// Removes the label of a name from one row, see ``removeLabel(named:from:)``.
    ///
    /// - Returns: Whether the row had it; its key has then changed.
    @discardableResult
    @inline(__always)
    public mutating func removeLabel(
        named name: [UInt8],
        ofRow row: Int,
        from buffer: inout ReusableBuffer
    ) -> Bool {
        let offset = Int(rows[row].keyOffset)
        let size = Int(rows[row].keySize)
        let removed =
            offset + size <= bodySize
            ? Self.removeLabel(
                named: name,
                from: UnsafeMutableRawBufferPointer(
                    rebasing: buffer.mutableBytes[offset..<offset + size]
                )
            )
            : sideBuffer.withUnsafeMutableBytes { bytes in
                let start = offset - bodySize
                return Self.removeLabel(
                    named: name,
                    from: UnsafeMutableRawBufferPointer(rebasing: bytes[start..<start + size])
                )
            }
        guard removed > 0 else { return false }
        rows[row].keyOffset += UInt32(removed)
        rows[row].keySize -= UInt32(removed)
        return true
    }

    /// The values of some labels of a row, in the order of the names; nil where one is absent or no UTF-8.
    ///
    /// - Parameter body: The bytes that were scanned.
    public func values(
        of names: [[UInt8]],
        ofRow row: Int,
        in body: UnsafeRawBufferPointer
    ) -> [LabelValue] {
        withKey(ofRow: row, in: body) { key in
            key.withMemoryRebound(to: UInt8.self) { bytes in
                names.map { Self.value(of: $0, in: bytes) }
            }
        }
    }

    /// A label's value, as far as it is text.
    public enum LabelValue: Sendable, Equatable {
        case absent
        case text(String)
        /// Bytes that are not UTF-8.
        case notText
    }

    private static func value(
        of name: [UInt8],
        in key: UnsafeBufferPointer<UInt8>
    ) -> LabelValue {
        name.withUnsafeBufferPointer { wanted in
            var cursor = LabelCursor(key)
            while let (found, value) = cursor.next() {
                guard compareBytes(found, wanted) == 0 else { continue }
                guard !value.isEmpty else { return .absent }
                return String(validating: value, as: UTF8.self).map(LabelValue.text) ?? .notText
            }
            return .absent
        }
    }

    /// Moves what stands before the label behind it.
    ///
    /// - Returns: Bytes that the key begins later; 0 where there is no such label.
    private static func removeLabel(
        named name: [UInt8],
        from key: UnsafeMutableRawBufferPointer
    ) -> Int {
        let place = UnsafeRawBufferPointer(key).withMemoryRebound(to: UInt8.self) { bytes in
            name.withUnsafeBufferPointer { Self.place(of: $0, in: bytes) }
        }
        guard !place.isEmpty, let base = key.baseAddress else { return 0 }
        base.advanced(by: place.count).copyMemory(from: base, byteCount: place.lowerBound)
        return place.count
    }

    /// Where the one label of a name stands in a sorted key; empty where there is none.
    private static func place(
        of name: UnsafeBufferPointer<UInt8>,
        in key: UnsafeBufferPointer<UInt8>
    ) -> Range<Int> {
        var cursor = LabelCursor(key)
        var begin = 0
        while let (found, _) = cursor.next() {
            let order = compareBytes(found, name)
            guard order < 0 else {
                guard order == 0 else { return 0..<0 }
                let place = begin..<cursor.position
                if let (next, _) = cursor.next(), compareBytes(next, name) == 0 { return 0..<0 }
                return place
            }
            begin = cursor.position
        }
        return 0..<0
    }
}
