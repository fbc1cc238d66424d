/// A small set of label names, such as a `by` clause, tested against bytes in place.
public struct LabelNameSet: Sendable, Hashable {
    private let names: [[UInt8]]

    public init(_ names: some Sequence<String>) {
        self.names = Set(names).map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
    }

    public static let metricName = LabelNameSet([Labels.metricName])

    public var isEmpty: Bool { names.isEmpty }

    public func contains(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        names.contains { candidate in
            candidate.count == name.count
                && candidate.withUnsafeBufferPointer { compareBytes($0, name) == 0 }
        }
    }
}
