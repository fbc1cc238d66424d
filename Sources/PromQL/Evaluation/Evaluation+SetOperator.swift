internal import MetricsModel

extension Evaluation {
    /// `and`, `or`, `unless`: elements are chosen by the keys of the other side.
    func setOperation(
        _ operation: BinaryOperator,
        _ matching: VectorMatching,
        _ left: [SeriesColumn],
        _ right: [SeriesColumn]
    ) throws(EvaluationError) -> [SeriesColumn] {
        let groups = try MatchGroups(matching, left, right, control).groups
        var stop = StopCheck(control)
        var chosen: [SeriesColumn?]
        switch operation {
        case .or:
            chosen = left + [SeriesColumn?](repeating: nil, count: right.count)
            for group in groups {
                let presence = StepPresence(group.left.map { left[$0] })
                for index in group.right {
                    try stop.count(right[index].values.count)
                    chosen[left.count + index] = right[index].filtered { !presence[$0] }
                }
            }
        default:
            chosen = [SeriesColumn?](repeating: nil, count: left.count)
            for group in groups where !group.left.isEmpty {
                let presence = StepPresence(group.right.map { right[$0] })
                for index in group.left {
                    try stop.count(left[index].values.count)
                    chosen[index] = left[index].filtered {
                        presence[$0] == (operation == .and)
                    }
                }
            }
        }
        return try merged(chosen.compactMap(\.self))
    }
}

/// At which steps at least one of several columns has a value.
struct StepPresence {
    private let firstStep: Int
    private var flags: [Bool] = []

    init(_ columns: [SeriesColumn]) {
        firstStep = columns.map(\.firstStep).min() ?? 0
        let end = columns.map(\.steps.upperBound).max() ?? 0
        flags = [Bool](repeating: false, count: max(0, end - firstStep))
        for column in columns {
            for step in column.steps where column.isPresent(at: step) {
                flags[step - firstStep] = true
            }
        }
    }

    subscript(step: Int) -> Bool {
        let index = step - firstStep
        return index >= 0 && index < flags.count && flags[index]
    }
}

extension SeriesColumn {
    /// Only the values at the steps that pass; nil if none is left.
    func filtered(_ isIncluded: (_ step: Int) -> Bool) -> SeriesColumn? {
        var builder = ColumnBuilder()
        for step in steps where isIncluded(step) {
            if let value = sample(at: step) { builder.append(value, at: step) }
        }
        return builder.column(labels, dropsName: dropsName)
    }
}
