/// Collects labels in any order and encodes them as ``Labels``.
public struct LabelsBuilder: Sendable {
    private var pairs: [(name: [UInt8], value: [UInt8])] = []

    public init() {}

    public init(_ labels: Labels) {
        labels.visitLabels { pairs.append((Array($0), Array($1))) }
    }

    /// Sets one label; an empty value removes it.
    public mutating func set(_ name: String, _ value: String) {
        set(Array(name.utf8), Array(value.utf8))
    }

    public mutating func set(_ name: [UInt8], _ value: [UInt8]) {
        if let index = pairs.firstIndex(where: { $0.name == name }) {
            if value.isEmpty { pairs.remove(at: index) } else { pairs[index].value = value }
        } else if !value.isEmpty {
            pairs.append((name, value))
        }
    }

    public func build() -> Labels {
        let sorted = pairs.sorted { $0.name.lexicographicallyPrecedes($1.name) }
        var key: [UInt8] = []
        key.reserveCapacity(sorted.reduce(0) { $0 + $1.name.count + $1.value.count + 12 })
        for (name, value) in sorted {
            name.withUnsafeBufferPointer { name in
                value.withUnsafeBufferPointer { SeriesKey.append(name: name, value: $0, to: &key) }
            }
        }
        return Labels(unchecked: key)
    }
}

/// Writing of series keys, label by label.
public enum SeriesKey {
    /// Appends one label in canonical form; the caller keeps the names ascending.
    public static func append(
        name: UnsafeBufferPointer<UInt8>,
        value: UnsafeBufferPointer<UInt8>,
        to key: inout [UInt8]
    ) {
        let size = size(nameCount: name.count, valueCount: value.count)
        if size <= 128 {
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 128) { label in
                write(name: name, value: value, to: label)
                key.append(contentsOf: UnsafeBufferPointer(rebasing: label[..<size]))
            }
        } else {
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: size) { label in
                write(name: name, value: value, to: label)
                key.append(contentsOf: UnsafeBufferPointer(rebasing: label[..<size]))
            }
        }
    }

    /// Appends a key with one label replaced or added; an empty value leaves it out.
    public static func copy(
        _ key: UnsafeBufferPointer<UInt8>,
        setting name: UnsafeBufferPointer<UInt8>,
        to value: UnsafeBufferPointer<UInt8>,
        behind result: inout [UInt8]
    ) {
        var cursor = LabelCursor(key)
        // Where the label is, or belongs.
        var begin = 0
        var end = 0
        while true {
            begin = cursor.position
            end = begin
            guard let (found, _) = cursor.next() else { break }
            let order = compareBytes(found, name)
            if order == 0 { end = cursor.position }
            if order >= 0 { break }
        }
        result.append(contentsOf: key[..<begin])
        if !value.isEmpty { append(name: name, value: value, to: &result) }
        result.append(contentsOf: key[end...])
    }

    /// Bytes of one label in canonical form, whose name and value have so many bytes.
    public static func size(nameCount: Int, valueCount: Int) -> Int {
        let inner = innerSize(nameCount, valueCount)
        return 1 + varintSize(inner) + inner
    }

    /// Writes one label in canonical form to the start of memory.
    ///
    /// - Precondition: There is room for ``size(nameCount:valueCount:)`` bytes.
    /// - Returns: How many bytes it took.
    @discardableResult
    public static func write(
        name: UnsafeBufferPointer<UInt8>,
        value: UnsafeBufferPointer<UInt8>,
        to memory: UnsafeMutableBufferPointer<UInt8>
    ) -> Int {
        let inner = innerSize(name.count, value.count)
        let size = 1 + varintSize(inner) + inner
        guard let start = memory.baseAddress, memory.count >= size else {
            preconditionFailure("\(memory.count) bytes for a label of \(size)")
        }
        var target = start
        write(0x0a, inner, to: &target)
        write(0x0a, name.count, to: &target)
        if let bytes = name.baseAddress { target.update(from: bytes, count: name.count) }
        target += name.count
        write(0x12, value.count, to: &target)
        if let bytes = value.baseAddress { target.update(from: bytes, count: value.count) }
        return size
    }

    private static func innerSize(_ nameCount: Int, _ valueCount: Int) -> Int {
        2 + varintSize(nameCount) + nameCount + varintSize(valueCount) + valueCount
    }

    private static func varintSize(_ value: Int) -> Int {
        var size = 1
        var rest = value >> 7
        while rest > 0 {
            size += 1
            rest >>= 7
        }
        return size
    }

    /// Writes a tag and a length, and moves on.
    private static func write(
        _ tag: UInt8,
        _ length: Int,
        to target: inout UnsafeMutablePointer<UInt8>
    ) {
        target[0] = tag
        target += 1
        var rest = length
        while rest >= 0x80 {
            target[0] = UInt8(truncatingIfNeeded: rest) | 0x80
            target += 1
            rest >>= 7
        }
        target[0] = UInt8(truncatingIfNeeded: rest)
        target += 1
    }
}
