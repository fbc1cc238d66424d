/// Which labels of a series remain in a key, such as that of its group in an aggregation.
public struct LabelProjection: Sendable, Hashable {
    private let names: LabelNameSet
    private let keeps: Bool
    /// Names that go in any case.
    private var dropped: LabelNameSet?

    /// Only labels of some names remain.
    public init(keeping names: LabelNameSet) {
        self.names = names
        keeps = true
    }

    /// All labels but those of some names remain.
    public init(dropping names: LabelNameSet) {
        self.names = names
        keeps = false
    }

    /// The projection of labels of which some are gone already.
    public func after(dropping names: LabelNameSet) -> LabelProjection {
        var projection = self
        projection.dropped = names
        return projection
    }

    /// Whether a label of this name remains.
    public func remains(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        guard names.contains(name) == keeps else { return false }
        return dropped.map { !$0.contains(name) } ?? true
    }

    /// Whether no label remains, whatever a series has.
    public var isEmpty: Bool { keeps && names.isEmpty }

    /// Writes the labels of a canonical key that remain behind another key's bytes.
    public func project(_ key: UnsafeBufferPointer<UInt8>, into result: inout [UInt8]) {
        guard !isEmpty else { return }
        var cursor = LabelCursor(key)
        var begin = 0
        while let (name, _) = cursor.next() {
            if remains(name) { result.append(contentsOf: key[begin..<cursor.position]) }
            begin = cursor.position
        }
    }

    /// Replaces what is in `result` by the labels that remain, as a canonical key.
    public func project(_ labels: Labels, replacing result: inout [UInt8]) {
        result.removeAll(keepingCapacity: true)
        labels.key.withUnsafeBufferPointer { project($0, into: &result) }
    }
}
