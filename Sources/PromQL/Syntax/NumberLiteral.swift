/// A number in the text, or a duration, which is its number of seconds.
public struct NumberLiteral: Sendable {
    public var value: Double
    /// Whether the text was a duration such as `5m`; it is then printed as one.
    public var isDuration: Bool
    public var sourceRange: SourceRange

    public init(value: Double, isDuration: Bool, sourceRange: SourceRange) {
        self.value = value
        self.isDuration = isDuration
        self.sourceRange = sourceRange
    }
}
