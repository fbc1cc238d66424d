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
        if name.count < 60, value.count < 60 {
            appendShort(name, value, to: &key)
            return
        }
        let inner =
            1 + varintSize(name.count) + name.count + 1 + varintSize(value.count) + value.count
        key.append(0x0a)
        appendVarint(inner, to: &key)
        key.append(0x0a)
        appendVarint(name.count, to: &key)
        key.append(contentsOf: name)
        key.append(0x12)
        appendVarint(value.count, to: &key)
        key.append(contentsOf: value)
    }

    /// Writes a label whose lengths take a byte each with one growth of the array.
    private static func appendShort(
        _ name: UnsafeBufferPointer<UInt8>,
        _ value: UnsafeBufferPointer<UInt8>,
        to key: inout [UInt8]
    ) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 128) { label in
            label[0] = 0x0a
            label[1] = UInt8(truncatingIfNeeded: name.count + value.count + 4)
            label[2] = 0x0a
            label[3] = UInt8(truncatingIfNeeded: name.count)
            guard var target = label.baseAddress.map({ $0 + 4 }) else { return }
            if let base = name.baseAddress { target.update(from: base, count: name.count) }
            target += name.count
            target[0] = 0x12
            target[1] = UInt8(truncatingIfNeeded: value.count)
            if let base = value.baseAddress { (target + 2).update(from: base, count: value.count) }
            key.append(
                contentsOf: UnsafeBufferPointer(rebasing: label[..<(name.count + value.count + 6)])
            )
        }
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

    private static func appendVarint(_ value: Int, to key: inout [UInt8]) {
        var rest = value
        while rest >= 0x80 {
            key.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        key.append(UInt8(rest))
    }
}
