/// What a comparison of two servers' answers to a query has to know.
public struct QueryTraits: OptionSet, Sendable, Hashable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Sums or means whose last digits depend on the order and on compensation.
    public static let summation = QueryTraits(rawValue: 1 << 0)
    /// Functions of the mathematical library, whose last digit depends on the library.
    public static let mathLibrary = QueryTraits(rawValue: 1 << 1)
    /// Chooses elements by value: which one of several equal ones is open.
    public static let ranking = QueryTraits(rawValue: 1 << 2)
    /// A rate of something that is no well-behaved counter.
    public static let rateOfOther = QueryTraits(rawValue: 1 << 3)
    /// A variance, which may be that of a single infinite value or NaN.
    public static let variance = QueryTraits(rawValue: 1 << 4)
    /// A sign before a vector, which drops the name.
    public static let negation = QueryTraits(rawValue: 1 << 5)
    /// The operator `atan2`.
    public static let arcTangent = QueryTraits(rawValue: 1 << 6)
    /// `predict_linear`, perhaps of samples at a fixed time.
    public static let prediction = QueryTraits(rawValue: 1 << 7)
    /// `count_values`.
    public static let valueCounts = QueryTraits(rawValue: 1 << 8)
    /// An extreme value, which may be the zero of either sign if there are both.
    public static let extreme = QueryTraits(rawValue: 1 << 9)

    /// Values may differ in the last digits.
    public static let approximate: QueryTraits = [.summation, .mathLibrary]
}
