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
struct LabelProjection {
    private let names: LabelNameSet
    private let keeps: Bool

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

    func project(_ labels: Labels) -> Labels {
        if keeps { return names.isEmpty ? .empty : labels.keeping(names) }
        return labels.dropping(names)
    }

    private static func adding(_ labels: [String]) -> LabelNameSet {
        LabelNameSet(labels + [Labels.metricName])
    }
}
