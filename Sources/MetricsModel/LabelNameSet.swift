/// A small set of label names, such as a `by` clause, tested against bytes in place.
public struct LabelNameSet: Sendable, Hashable {
    private let names: [[UInt8]]

    public init(_ names: some Sequence<String>) {
        self.names = Set(names).map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
    }

    public static let metricName = LabelNameSet([Labels.metricName])

    public var isEmpty: Bool { names.isEmpty }

    /// Whether a canonical key has a label of one of these names.
    public func containsName(of key: UnsafeBufferPointer<UInt8>) -> Bool {
        var cursor = LabelCursor(key)
        while let (name, _) = cursor.next() {
            if contains(name) { return true }
        }
        return false
    }

    public func contains(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        names.contains { candidate in
            candidate.count == name.count
                && candidate.withUnsafeBufferPointer { compareBytes($0, name) == 0 }
        }
    }
}
