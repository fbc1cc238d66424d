/// A call of a function, with arguments of the right number and types.
public struct Call: Sendable {
    public var function: Function
    public var arguments: [Expression]
    public var sourceRange: SourceRange

    public init(function: Function, arguments: [Expression], sourceRange: SourceRange) {
        self.function = function
        self.arguments = arguments
        self.sourceRange = sourceRange
    }
}
