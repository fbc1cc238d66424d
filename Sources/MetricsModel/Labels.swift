/// The labels of one series, sorted by name, held as the series key.
///
/// The key is the bytes that a remote-write `TimeSeries` carries: for each label `0A len 0A n name 12 v value`,
/// lengths as varints. Prometheus sends them so; hashing, comparing and storing a series need no other form. One
/// allocation per label set, none to read it.
public struct Labels: Sendable, Hashable {
    /// The canonical series key.
    public let key: [UInt8]

    /// The label that carries the metric name.
    public static let metricName = "__name__"

    public static let empty = Labels(unchecked: [])

    /// Takes bytes known to be a canonical key; ``init(validating:)`` is for all others.
    public init(unchecked key: [UInt8]) { self.key = key }

    /// Checks that the bytes are a canonical key: well-formed, names ascending and not empty, values not empty.
    public init(validating key: [UInt8]) throws(LabelsError) {
        try key.withUnsafeBufferPointer { bytes throws(LabelsError) in try Self.validate(bytes) }
        self.key = key
    }

    /// Sorts and encodes pairs; empty values mean an absent label, the last of equal names wins.
    public init(_ pairs: some Sequence<(String, String)>) {
        var builder = LabelsBuilder()
        for (name, value) in pairs { builder.set(name, value) }
        self = builder.build()
    }

    public var isEmpty: Bool { key.isEmpty }

    public var count: Int {
        var count = 0
        visitLabels { _, _ in count += 1 }
        return count
    }

    /// Calls the body for each label in order of name, with the bytes in place.
    @inlinable
    public func visitLabels(
        _ body: (_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) -> Void
    ) {
        key.withUnsafeBufferPointer { bytes in
            var cursor = LabelCursor(bytes)
            while let (name, value) = cursor.next() { body(name, value) }
        }
    }

    /// The value of a label, or nil where it is absent.
    public func value(of name: String) -> String? {
        withValue(of: name) { $0.isEmpty ? nil : String(decoding: $0, as: UTF8.self) }
    }

    /// Calls the body with the bytes of a label's value, empty where it is absent.
    public func withValue<Result>(
        of name: String,
        _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        var name = name
        return name.withUTF8 { wanted in
            key.withUnsafeBufferPointer { bytes in
                var cursor = LabelCursor(bytes)
                while let (found, value) = cursor.next() {
                    if compareBytes(found, wanted) == 0 { return body(value) }
                }
                return body(UnsafeBufferPointer(start: nil, count: 0))
            }
        }
    }

    /// The value of `__name__`, empty where it is absent.
    public var name: String { value(of: Self.metricName) ?? "" }

    /// The labels as strings, in order of name.
    public var pairs: [(name: String, value: String)] {
        var pairs: [(name: String, value: String)] = []
        visitLabels { name, value in
            pairs.append(
                (String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self))
            )
        }
        return pairs
    }

    /// Only the labels that are in the set.
    public func keeping(_ names: LabelNameSet) -> Labels { filtered { names.contains($0) } }

    /// Only the labels that are not in the set.
    public func dropping(_ names: LabelNameSet) -> Labels { filtered { !names.contains($0) } }

    /// The labels with one replaced or added; an empty value removes it.
    public func setting(_ name: String, to value: String) -> Labels {
        var name = name
        var value = value
        return name.withUTF8 { name in
            value.withUTF8 { value in
                var result: [UInt8] = []
                let added = SeriesKey.size(nameCount: name.count, valueCount: value.count)
                result.reserveCapacity(key.count + added)
                key.withUnsafeBufferPointer {
                    SeriesKey.copy($0, setting: name, to: value, behind: &result)
                }
                return Labels(unchecked: result)
            }
        }
    }

    private func filtered(_ keep: (UnsafeBufferPointer<UInt8>) -> Bool) -> Labels {
        let kept = [UInt8](unsafeUninitializedCapacity: key.count) { target, count in
            key.withUnsafeBufferPointer { bytes in
                var cursor = LabelCursor(bytes)
                var begin = cursor.position
                while let (name, _) = cursor.next() {
                    if keep(name) {
                        for index in begin..<cursor.position {
                            target[count] = bytes[index]
                            count += 1
                        }
                    }
                    begin = cursor.position
                }
            }
        }
        return Labels(unchecked: kept)
    }

    /// Checks that bytes are a canonical key, see ``init(validating:)``; copies nothing.
    public static func validate(_ bytes: UnsafeBufferPointer<UInt8>) throws(LabelsError) {
        var cursor = LabelCursor(bytes)
        var previous: UnsafeBufferPointer<UInt8>?
        while cursor.position < bytes.count {
            let offset = cursor.position
            guard let (name, value) = cursor.next() else { throw .malformed(offset: offset) }
            guard !name.isEmpty else { throw .emptyName(offset: offset) }
            guard !value.isEmpty else {
                throw .emptyValue(name: String(decoding: name, as: UTF8.self))
            }
            if let previous {
                let order = compareBytes(previous, name)
                guard order != 0 else {
                    throw .duplicateName(String(decoding: name, as: UTF8.self))
                }
                guard order < 0 else { throw .notSorted(String(decoding: name, as: UTF8.self)) }
            }
            previous = name
        }
    }
}

extension Labels: CustomStringConvertible {
    /// The way Prometheus writes a label set in messages: `{__name__="up", job="a"}`.
    public var description: String {
        "{" + pairs.map { "\($0.name)=\"\($0.value)\"" }.joined(separator: ", ") + "}"
    }
}

extension Labels: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, String)...) { self.init(elements) }
}

/// Why bytes are not a canonical series key.
public enum LabelsError: Error, Equatable {
    case malformed(offset: Int)
    case emptyName(offset: Int)
    case emptyValue(name: String)
    case duplicateName(String)
    case notSorted(String)
}
