/// How the elements of two instant vectors find their partners.
public struct VectorMatching: Sendable {
    public var cardinality: Cardinality
    /// The labels of the `on` or `ignoring` clause, in the order written.
    public var labels: [String]
    /// Whether only ``labels`` are compared, instead of all but them and the name.
    public var isOn: Bool
    /// Labels of the "one" side that `group_left` or `group_right` copies to the result.
    public var include: [String]
    /// What stands in for a missing element on the left.
    public var fillLeft: Double?
    /// What stands in for a missing element on the right.
    public var fillRight: Double?

    public init(
        cardinality: Cardinality = .oneToOne,
        labels: [String] = [],
        isOn: Bool = false,
        include: [String] = [],
        fillLeft: Double? = nil,
        fillRight: Double? = nil
    ) {
        self.cardinality = cardinality
        self.labels = labels
        self.isOn = isOn
        self.include = include
        self.fillLeft = fillLeft
        self.fillRight = fillRight
    }

    /// Whether missing elements are filled in on either side.
    public var hasFill: Bool { fillLeft != nil || fillRight != nil }

    /// How many elements of each side share a group; raw values are those of `/parse_query`.
    public enum Cardinality: String, Sendable, Hashable {
        case oneToOne = "one-to-one"
        /// `group_left`.
        case manyToOne = "many-to-one"
        /// `group_right`.
        case oneToMany = "one-to-many"
        /// Set operators.
        case manyToMany = "many-to-many"
    }
}
