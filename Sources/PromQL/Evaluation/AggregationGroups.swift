internal import MetricsModel

/// The elements of an instant vector, sorted into the groups of an aggregation.
struct AggregationGroups {
    struct Group {
        let labels: Labels
        /// Whether the name of an element is to be dropped at the end of the query.
        var dropsName: Bool
        /// Indexes of elements, ascending.
        let members: ArraySlice<Int>
        /// The steps that the elements span.
        var steps: Range<Int>
    }

    /// In order of their first element.
    let groups: [Group]

    init(
        _ columns: [SeriesColumn],
        _ projection: LabelProjection,
        _ control: EvaluationControl
    ) throws(EvaluationError) {
        var index = GroupIndex()
        let numbers = try index.groups(of: columns, projection, control)
        let members = GroupMembers(numbers, groupCount: index.count)
        groups = (0..<index.count).map { number in
            let members = members[number]
            let first = columns[members[members.startIndex]]
            var group = Group(
                labels: index.labels(number),
                dropsName: first.dropsName,
                members: members,
                steps: first.steps
            )
            for member in members.dropFirst() { group.extend(with: columns[member]) }
            return group
        }
    }
}

extension AggregationGroups.Group {
    fileprivate mutating func extend(with column: SeriesColumn) {
        dropsName = dropsName || column.dropsName
        steps =
            min(
                steps.lowerBound,
                column.steps.lowerBound
            )..<max(steps.upperBound, column.steps.upperBound)
    }
}
