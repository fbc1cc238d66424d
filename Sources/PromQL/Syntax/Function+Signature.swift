extension Function {
    /// The arguments a function takes and what it returns.
    public struct Signature: Sendable {
        /// The types of the arguments; the last one is that of all further arguments.
        public let argumentTypes: [ValueType]
        /// How many arguments beyond the required ones are allowed.
        ///
        /// 0: exactly ``argumentTypes``. Otherwise the last argument may be absent and, counted
        /// from it, up to this many may be given; -1 sets no upper bound.
        public let variadic: Int
        public let returnType: ValueType

        init(_ argumentTypes: [ValueType], variadic: Int = 0, returns: ValueType = .vector) {
            self.argumentTypes = argumentTypes
            self.variadic = variadic
            returnType = returns
        }
    }

    /// The arguments it takes and what it returns.
    public var signature: Signature {
        switch self {
        case .abs, .absent, .acos, .acosh, .asin, .asinh, .atan, .atanh, .ceil, .cos,
            .cosh, .deg, .exp, .floor, .histogramAvg, .histogramCount, .histogramStddev,
            .histogramStdvar, .histogramSum, .ln, .log10, .log2, .rad, .sgn, .sin, .sinh, .sort,
            .sortDesc, .sqrt, .startTimestamp, .tan, .tanh, .timestamp:
            Signature([.vector])
        case .absentOverTime, .avgOverTime, .changes, .countOverTime, .delta, .deriv,
            .firstOverTime, .idelta, .increase, .irate, .lastOverTime, .madOverTime,
            .maxOverTime, .minOverTime, .presentOverTime, .rate, .resets, .stddevOverTime,
            .stdvarOverTime, .sumOverTime, .tsOfFirstOverTime, .tsOfLastOverTime,
            .tsOfMaxOverTime, .tsOfMinOverTime:
            Signature([.matrix])
        case .clamp:
            Signature([.vector, .scalar, .scalar])
        case .clampMax, .clampMin:
            Signature([.vector, .scalar])
        case .dayOfMonth, .dayOfWeek, .dayOfYear, .daysInMonth, .hour, .minute, .month, .year:
            Signature([.vector], variadic: 1)
        case .doubleExponentialSmoothing:
            Signature([.matrix, .scalar, .scalar])
        case .end, .pi, .range, .start, .step, .time:
            Signature([], returns: .scalar)
        case .histogramFraction:
            Signature([.scalar, .scalar, .vector])
        case .histogramQuantile:
            Signature([.scalar, .vector])
        case .histogramQuantiles:
            Signature([.vector, .string, .scalar, .scalar], variadic: 9)
        case .info:
            Signature([.vector, .vector], variadic: 1)
        case .labelJoin:
            Signature([.vector, .string, .string, .string], variadic: -1)
        case .labelReplace:
            Signature([.vector, .string, .string, .string, .string])
        case .maxOf, .minOf:
            Signature([.scalar, .scalar], returns: .scalar)
        case .predictLinear:
            Signature([.matrix, .scalar])
        case .quantileOverTime:
            Signature([.scalar, .matrix])
        case .round:
            Signature([.vector, .scalar], variadic: 1)
        case .scalar:
            Signature([.vector], returns: .scalar)
        case .sortByLabel, .sortByLabelDesc:
            Signature([.vector, .string], variadic: -1)
        case .vector:
            Signature([.scalar])
        }
    }

    /// Whether only ``LanguageFeatures/experimentalFunctions`` allows it.
    public var isExperimental: Bool {
        switch self {
        case .doubleExponentialSmoothing, .end, .histogramQuantiles, .info,
            .madOverTime, .maxOf, .minOf, .range, .sortByLabel, .sortByLabelDesc, .start,
            .startTimestamp, .step, .tsOfFirstOverTime, .tsOfLastOverTime, .tsOfMaxOverTime,
            .tsOfMinOverTime:
            true
        default: false
        }
    }
}
