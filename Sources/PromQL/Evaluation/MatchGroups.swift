internal import MetricsModel

/// The elements of two instant vectors, sorted into groups of equal match keys.
struct MatchGroups {
    /// The elements of one match key.
    struct Group {
        /// Counted from 0, in order of the first element.
        let number: Int
        /// Indexes of elements, ascending.
        let left: ArraySlice<Int>
        let right: ArraySlice<Int>
    }

    private let index: GroupIndex
    private let left: GroupMembers
    private let right: GroupMembers

    init(
        _ matching: VectorMatching,
        _ left: [SeriesColumn],
        _ right: [SeriesColumn],
        _ control: EvaluationControl
    ) throws(EvaluationError) {
        let projection = LabelProjection(matching)
        var index = GroupIndex()
        let leftGroups = try index.groups(of: left, projection, control)
        let rightGroups = try index.groups(of: right, projection, control)
        self.left = GroupMembers(leftGroups, groupCount: index.count)
        self.right = GroupMembers(rightGroups, groupCount: index.count)
        self.index = index
    }

    var groups: some Sequence<Group> {
        (0..<index.count).lazy.map { Group(number: $0, left: left[$0], right: right[$0]) }
    }

    /// The labels that the elements of a group share.
    func key(_ group: Group) -> Labels { index.labels(group.number) }
}

/// Elements sorted by the number of their group, in one array.
struct GroupMembers {
    /// Indexes of elements, those of group 0 first, ascending in each.
    private var order: [Int]
    /// Where each group begins in ``order``, and at last where the last one ends.
    private var bounds: [Int]

    /// - Parameter groups: The group of each element, below `groupCount`.
    init(_ groups: [Int], groupCount: Int) {
        bounds = [Int](repeating: 0, count: groupCount + 1)
        for group in groups { bounds[group + 1] += 1 }
        for group in 0..<groupCount { bounds[group + 1] += bounds[group] }
        order = [Int](repeating: 0, count: groups.count)
        var next = bounds
        for (element, group) in groups.enumerated() {
            order[next[group]] = element
            next[group] += 1
        }
    }

    /// The elements of a group.
    subscript(group: Int) -> ArraySlice<Int> { order[bounds[group]..<bounds[group + 1]] }
}
