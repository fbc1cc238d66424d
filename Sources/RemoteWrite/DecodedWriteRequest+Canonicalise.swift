public import MetricsModel

extension DecodedWriteRequest {
    /// Makes the row's label bytes a canonical series key, and says whether they were none.
    ///
    /// For series that are not known: walks over the labels. Labels out of order are sorted, empty values and
    /// unknown fields are dropped, overlong lengths are shortened, as a sender means the same by them; the row
    /// is then ``Row/isNormalised``. Two labels of one name are refused, as no one can say which is meant.
    /// - Returns: Whether the key has changed, and with it the fingerprint.
    /// - Throws: ``SeriesKeyError``; the row is unchanged.
    @discardableResult
    public mutating func canonicalise(
        row: Int,
        in body: UnsafeRawBufferPointer,
        maximumLabels: Int
    ) throws(SeriesKeyError) -> Bool {
        guard !withKey(ofRow: row, in: body, Self.isCanonical) else { return false }
        let rewritten = withKey(ofRow: row, in: body) { key in
            Result { () throws(SeriesKeyError) in
                try Self.rewrite(key, maximumLabels: maximumLabels)
            }
        }
        setKey(ofRow: row, to: try rewritten.get())
        return true
    }

    /// Gives a row other labels.
    public mutating func replaceKey(ofRow row: Int, with labels: Labels) {
        setKey(ofRow: row, to: labels.key)
    }

    private mutating func setKey(ofRow row: Int, to key: [UInt8]) {
        rows[row].keyOffset = UInt32(bodySize + sideBuffer.count)
        rows[row].keySize = UInt32(key.count)
        rows[row].isNormalised = true
        key.withUnsafeBytes { sideBuffer.append(contentsOf: $0) }
    }

    private static func isCanonical(_ key: UnsafeRawBufferPointer) -> Bool {
        key.withMemoryRebound(to: UInt8.self) { bytes in
            var cursor = LabelCursor(bytes)
            var previous = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
            while cursor.position < bytes.count {
                guard let (name, value) = cursor.next(), !value.isEmpty,
                    // The first one's name must not be empty either.
                    compareBytes(previous, name) < 0
                else { return false }
                previous = name
            }
            return true
        }
    }

    /// The canonical key of label fields in any order.
    static func rewrite(
        _ bytes: UnsafeRawBufferPointer,
        maximumLabels: Int
    ) throws(SeriesKeyError) -> [UInt8] {
        var labels = try labels(in: bytes, maximumLabels: maximumLabels)
        let text = bytes.assumingMemoryBound(to: UInt8.self)
        func slice(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
            UnsafeBufferPointer(rebasing: text[range])
        }
        labels.sort { compareBytes(slice($0.name), slice($1.name)) < 0 }
        var key: [UInt8] = []
        key.reserveCapacity(bytes.count)
        var previous: Range<Int>?
        for label in labels {
            guard !label.name.isEmpty else { throw .emptyName }
            if let previous, compareBytes(slice(previous), slice(label.name)) == 0 {
                throw .duplicateName(String(decoding: slice(label.name), as: UTF8.self))
            }
            previous = label.name
            SeriesKey.append(name: slice(label.name), value: slice(label.value), to: &key)
        }
        return key
    }

    /// The labels with a value, wherever their fields are.
    private static func labels(
        in bytes: UnsafeRawBufferPointer,
        maximumLabels: Int
    ) throws(SeriesKeyError) -> [(name: Range<Int>, value: Range<Int>)] {
        var labels: [(name: Range<Int>, value: Range<Int>)] = []
        guard var reader = WireReader(bytes) else { return labels }
        while !reader.isAtEnd {
            let label: (name: Range<Int>, value: Range<Int>)
            do throws(WireError) {
                label = try Self.label(&reader)
            } catch {
                throw .malformed(error)
            }
            guard !label.value.isEmpty else { continue }
            guard labels.count < maximumLabels else {
                throw .tooManyLabels(limit: maximumLabels)
            }
            labels.append(label)
        }
        return labels
    }

    private static func label(
        _ reader: inout WireReader
    ) throws(WireError) -> (name: Range<Int>, value: Range<Int>) {
        _ = try reader.tag()
        let outerEnd = reader.end
        reader.end = try reader.lengthDelimitedEnd()
        var name = 0..<0
        var value = 0..<0
        while !reader.isAtEnd {
            let (field, type) = try reader.tag()
            guard field <= 2 else {
                try reader.skip(type)
                continue
            }
            try reader.expect(WireReader.WireType.lengthDelimited, found: type, field: field)
            let end = try reader.lengthDelimitedEnd()
            if field == 1 { name = reader.position..<end } else { value = reader.position..<end }
            reader.move(to: end)
        }
        reader.end = outerEnd
        return (name, value)
    }
}

/// Why label bytes name no series.
public enum SeriesKeyError: Error, Equatable {
    /// The bytes of a label are no message; offsets count from the start of the series' labels.
    case malformed(WireError)
    case emptyName
    case duplicateName(String)
    /// More labels than are put in order for anyone.
    case tooManyLabels(limit: Int)
}
