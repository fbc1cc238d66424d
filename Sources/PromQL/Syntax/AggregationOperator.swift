/// The aggregations; raw values are their names in queries.
public enum AggregationOperator: String, CaseIterable, Sendable, Hashable {
    case average = "avg"
    case bottomK = "bottomk"
    case count
    case countValues = "count_values"
    case group
    case limitK = "limitk"
    case limitRatio = "limit_ratio"
    case maximum = "max"
    case minimum = "min"
    case quantile
    case standardDeviation = "stddev"
    case standardVariance = "stdvar"
    case sum
    case topK = "topk"

    /// The type of the parameter before the aggregated expression; nil if it takes none.
    public var parameterType: ValueType? {
        switch self {
        case .bottomK, .topK, .limitK, .limitRatio, .quantile: .scalar
        case .countValues: .string
        case .average, .count, .group, .maximum, .minimum, .standardDeviation,
            .standardVariance, .sum:
            nil
        }
    }

    /// Whether only ``LanguageFeatures/experimentalFunctions`` allows it.
    public var isExperimental: Bool { self == .limitK || self == .limitRatio }
}
