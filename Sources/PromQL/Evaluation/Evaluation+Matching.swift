internal import MetricsModel

extension Evaluation {
    /// Arithmetic or a comparison between two instant vectors.
    func matched(
        _ node: BinaryOperation,
        _ matching: VectorMatching,
        _ left: [SeriesColumn],
        _ right: [SeriesColumn],
        _ grid: StepGrid
    ) throws(EvaluationError) -> [SeriesColumn] {
        let isSwapped = matching.cardinality == .oneToMany
        let many = isSwapped ? right : left
        let one = isSwapped ? left : right
        guard !many.isEmpty || matching.fillLeft != nil, !one.isEmpty || matching.fillRight != nil
        else { return [] }
        let manyPresence = StepPresence(many)
        let onePresence = StepPresence(one)
        let groups = try MatchGroups(matching, left, right, control)
        var matcher = VectorMatcher(
            operation: node.operation,
            returnsBool: node.returnsBool,
            matching: matching,
            delaysNameRemoval: delaysNameRemoval,
            many: many,
            one: one,
            groups: groups,
            note: { [self] notes, left, right in
                annotations.add(notes, node.operation, left, right, at: node.sourceRange)
            },
            isActive: (0..<grid.count).map { step in
                (manyPresence[step] || matching.fillLeft != nil)
                    && (onePresence[step] || matching.fillRight != nil)
            }
        )
        var result: [SeriesColumn] = []
        result.reserveCapacity(many.count)
        for group in groups.groups {
            try control.check()
            try matcher.match(group) { column throws(EvaluationError) in
                try budget.charge(column.values.count)
                result.append(column)
            }
        }
        return try merged(result)
    }
}
