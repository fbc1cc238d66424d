internal import MetricsModel

/// The elements of an instant vector, sorted into the groups of an aggregation.
struct AggregationGroups {
    struct Group {
        let labels: Labels
        /// Whether the name of an element is to be dropped at the end of the query.
        var dropsName = false
        /// Indexes of elements, ascending.
        var members: [Int] = []
        /// The steps that the elements span.
        var steps: Range<Int>
    }

    /// In order of their first element.
    private(set) var groups: [Group] = []

    init(_ columns: [SeriesColumn], _ projection: LabelProjection) {
        var position: [Labels: Int] = [:]
        for (index, column) in columns.enumerated() {
            let labels = projection.project(column.labels)
            let found = position[labels]
            let number = found ?? groups.count
            if found == nil {
                position[labels] = number
                groups.append(Group(labels: labels, steps: column.steps))
            }
            groups[number].members.append(index)
            groups[number].dropsName = groups[number].dropsName || column.dropsName
            let steps = groups[number].steps
            groups[number].steps =
                min(
                    steps.lowerBound,
                    column.steps.lowerBound
                )..<max(steps.upperBound, column.steps.upperBound)
        }
    }
}
