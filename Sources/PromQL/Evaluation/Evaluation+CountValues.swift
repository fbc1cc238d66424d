internal import MetricsModel

extension Evaluation {
    /// `count_values`: one element per group and distinct value.
    func countValues(
        _ node: Aggregation,
        _ grid: StepGrid
    ) throws(EvaluationError) -> [SeriesColumn] {
        guard let parameter = node.parameter else {
            preconditionFailure("count_values without a label")
        }
        guard let label = validLabelName(parameter) else {
            throw .execution(
                message: "invalid label name \(QuotedText.quote(bytes: literalBytes(parameter)))"
            )
        }
        let columns = try vector(node.expression, grid)
        let grouping = node.isWithout ? node.grouping : node.grouping + [label]
        let projection = LabelProjection(grouping: grouping, isWithout: node.isWithout)
        var counts = ValueCounts(label: label, projection: projection)
        for column in columns {
            try control.check()
            try budget.charge(column.values.count)
            counts.begin(column.labels)
            for (step, histogram) in zip(column.steps, column.histograms) {
                if let histogram { counts.add(histogram.text, at: step) }
            }
            for (step, value) in zip(column.steps, column.values) where !value.isAbsent {
                counts.add(value, at: step)
            }
        }
        return try counts.columns(control)
    }
}

/// Counts how often each value occurs at each step of each group.
private struct ValueCounts {
    /// The label that gets the value.
    private var label: String
    private let projection: LabelProjection
    /// Whether the label remains, as it does not under `without` of the same name.
    private let keepsLabel: Bool
    private var index = GroupIndex()
    /// For each occurrence its group and step.
    private var groups: [Int] = []
    private var steps: [Int32] = []
    /// The labels of the element's group but the one with the value.
    private var base: [UInt8] = []
    private var key: [UInt8] = []
    /// Groups of values that the element had at steps before, by their bits; and the newest of them.
    private var known: [UInt64: Int] = [:]
    private var newest: (bits: UInt64, group: Int)?

    init(label: String, projection: LabelProjection) {
        self.label = label
        self.projection = projection
        var name = label
        keepsLabel = name.withUTF8 { projection.remains($0) }
    }

    /// Takes the labels of the element whose values come next.
    mutating func begin(_ labels: Labels) {
        projection.project(labels, replacing: &base)
        if !known.isEmpty { known.removeAll(keepingCapacity: true) }
        newest = nil
    }

    /// Counts a float; neighbouring ones are often equal, and the label is made once for each of an element.
    mutating func add(_ value: Double, at step: Int) {
        let bits = value.bitPattern
        if let newest, newest.bits == bits { return count(newest.group, at: step) }
        let group = known[bits] ?? group(FloatText.plain(value))
        if let newest { known[newest.bits] = newest.group }
        newest = (bits, group)
        count(group, at: step)
    }

    mutating func add(_ text: String, at step: Int) { count(group(text), at: step) }

    private mutating func count(_ group: Int, at step: Int) {
        groups.append(group)
        steps.append(Int32(truncatingIfNeeded: step))
    }

    private mutating func group(_ text: String) -> Int {
        guard keepsLabel else { return index.group(base) }
        var text = text
        key.removeAll(keepingCapacity: true)
        label.withUTF8 { label in
            text.withUTF8 { text in
                base.withUnsafeBufferPointer {
                    SeriesKey.copy($0, setting: label, to: text, behind: &key)
                }
            }
        }
        return index.group(key)
    }

    /// One column for each group, in order of first occurrence.
    func columns(_ control: EvaluationControl) throws(EvaluationError) -> [SeriesColumn] {
        let members = GroupMembers(groups, groupCount: index.count)
        var stop = StopCheck(control)
        var columns: [SeriesColumn] = []
        for group in 0..<index.count {
            var builder = ColumnBuilder()
            try stop.count(members[group].count + 1)
            let sorted = members[group].map { steps[$0] }.sorted()
            var index = 0
            while index < sorted.count {
                var end = index
                while end < sorted.count, sorted[end] == sorted[index] { end += 1 }
                builder.append(Double(end - index), at: Int(sorted[index]))
                index = end
            }
            if let column = builder.column(self.index.labels(group), dropsName: false) {
                columns.append(column)
            }
        }
        return columns
    }
}
