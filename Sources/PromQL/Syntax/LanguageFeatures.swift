/// The switchable parts of the language.
public struct LanguageFeatures: OptionSet, Sendable, Hashable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Functions and aggregations that are still experimental (`promql-experimental-functions`).
    public static let experimentalFunctions = LanguageFeatures(rawValue: 1 << 0)
    /// Arithmetic in ranges and offsets (`promql-duration-expr`).
    public static let durationExpressions = LanguageFeatures(rawValue: 1 << 1)
    /// `anchored` and `smoothed` (`promql-extended-range-selectors`).
    public static let extendedRangeSelectors = LanguageFeatures(rawValue: 1 << 2)
    /// `fill`, `fill_left` and `fill_right` (`promql-binop-fill-modifiers`).
    public static let fillModifiers = LanguageFeatures(rawValue: 1 << 3)

    /// What is on without any switch.
    public static let standard: LanguageFeatures = [.durationExpressions]
    public static let all: LanguageFeatures = [
        .experimentalFunctions, .durationExpressions, .extendedRangeSelectors, .fillModifiers,
    ]
}
