internal import MetricsModel

/// The elements of two instant vectors, sorted into groups of equal match keys.
struct MatchGroups {
    /// The elements of one match key.
    struct Group {
        let key: Labels
        /// Indexes of elements, ascending.
        var left: [Int] = []
        var right: [Int] = []
    }

    private(set) var groups: [Group] = []

    init(_ matching: VectorMatching, _ left: [SeriesColumn], _ right: [SeriesColumn]) {
        let projection = LabelProjection(matching)
        var position: [Labels: Int] = [:]
        position.reserveCapacity(max(left.count, right.count))
        func group(of column: SeriesColumn, _ groups: inout [Group]) -> Int {
            let key = projection.project(column.labels)
            if let index = position[key] { return index }
            position[key] = groups.count
            groups.append(Group(key: key))
            return groups.count - 1
        }
        for (index, column) in left.enumerated() {
            groups[group(of: column, &groups)].left.append(index)
        }
        for (index, column) in right.enumerated() {
            groups[group(of: column, &groups)].right.append(index)
        }
    }
}

/// Which labels of an element remain in a key.
struct LabelProjection: Sendable {
    private let names: LabelNameSet
    private let keeps: Bool
    /// Whether the reserved labels go in any case.
    private var dropsReserved = false

    /// The labels that decide about partners: those of `on`, or all but those of `ignoring` and
    /// the name.
    init(_ matching: VectorMatching) {
        keeps = matching.isOn
        names =
            matching.isOn
            ? LabelNameSet(matching.labels) : Self.adding(matching.labels)
    }

    /// The labels of a group: those of `by`, or all but those of `without` and the name.
    init(grouping: [String], isWithout: Bool) {
        keeps = !isWithout
        names = isWithout ? Self.adding(grouping) : LabelNameSet(grouping)
    }

    /// The projection of labels whose reserved ones are gone.
    func droppingReserved() -> LabelProjection {
        var projection = self
        projection.dropsReserved = true
        return projection
    }

    func project(_ labels: Labels) -> Labels {
        if keeps, names.isEmpty { return .empty }
        var key: [UInt8] = []
        key.reserveCapacity(labels.key.count)
        labels.key.withUnsafeBufferPointer { project($0, into: &key) }
        return Labels(unchecked: key)
    }

    /// Writes the labels of a canonical key that remain behind another key's bytes.
    func project(_ key: UnsafeBufferPointer<UInt8>, into result: inout [UInt8]) {
        if keeps, names.isEmpty { return }
        var cursor = LabelCursor(key)
        var begin = 0
        while let (name, _) = cursor.next() {
            if remains(name) { result.append(contentsOf: key[begin..<cursor.position]) }
            begin = cursor.position
        }
    }

    private func remains(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        guard names.contains(name) == keeps else { return false }
        return !dropsReserved || !LabelNameSet.reserved.contains(name)
    }

    private static func adding(_ labels: [String]) -> LabelNameSet {
        LabelNameSet(labels + [Labels.metricName])
    }
}
