/// A test on one label's value; an absent label has the empty value.
public struct LabelMatcher: Sendable, Hashable {
    /// How the value is compared.
    public enum Operation: String, Sendable {
        case equal = "="
        case notEqual = "!="
        case matches = "=~"
        case notMatches = "!~"
    }

    public let name: String
    public let operation: Operation
    /// The text or the regular expression compared with.
    public let value: String
    private let expression: RegularExpression?

    /// - Throws: the expression's error when `operation` needs one and `value` is none.
    public init(
        name: String,
        operation: Operation,
        value: String
    ) throws(RegularExpressionError) {
        self.name = name
        self.operation = operation
        self.value = value
        switch operation {
        case .equal, .notEqual: expression = nil
        case .matches, .notMatches: expression = try RegularExpression(value)
        }
    }

    /// A matcher that cannot fail to build.
    public init(name: String, equals value: String) {
        self.name = name
        self.value = value
        operation = .equal
        expression = nil
    }

    /// Whether a label with this value passes.
    public func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        switch operation {
        case .equal: Self.equal(text, value)
        case .notEqual: !Self.equal(text, value)
        case .matches: expression?.matches(text) ?? false
        case .notMatches: !(expression?.matches(text) ?? true)
        }
    }

    public func matches(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { matches($0) }
    }

    /// Whether series without the label pass.
    public var matchesEmpty: Bool { matches(UnsafeBufferPointer(start: nil, count: 0)) }

    /// The only values that can pass, each once, when they are a known set: an index is probed instead of
    /// scanned.
    public var literals: [String]? {
        switch operation {
        case .equal: [value]
        case .matches: expression?.literals
        case .notEqual, .notMatches: nil
        }
    }

    /// Bytes that every passing value starts with, for a search among sorted values; often empty.
    public var literalPrefix: [UInt8] {
        switch operation {
        case .equal: Array(value.utf8)
        case .matches: expression?.literalPrefix ?? []
        case .notEqual, .notMatches: []
        }
    }

    /// Whether every series is known to pass, with the label or without it.
    public var matchesEverything: Bool {
        operation == .matches && expression?.matchesEverything ?? false
    }

    /// Compares bytes: strings that only look the same are different labels.
    public static func == (left: LabelMatcher, right: LabelMatcher) -> Bool {
        left.operation == right.operation && left.name.utf8.elementsEqual(right.name.utf8)
            && left.value.utf8.elementsEqual(right.value.utf8)
    }

    public func hash(into hasher: inout Hasher) {
        for byte in name.utf8 { hasher.combine(byte) }
        hasher.combine(operation)
        for byte in value.utf8 { hasher.combine(byte) }
    }

    private static func equal(_ text: UnsafeBufferPointer<UInt8>, _ value: String) -> Bool {
        guard value.utf8.count == text.count else { return false }
        return value.utf8.withContiguousStorageIfAvailable { compareBytes(text, $0) == 0 }
            ?? text.elementsEqual(value.utf8)
    }
}

extension Sequence<LabelMatcher> {
    /// Whether a label set passes all of them.
    public func allMatch(_ labels: Labels) -> Bool {
        allSatisfy { matcher in labels.withValue(of: matcher.name) { matcher.matches($0) } }
    }
}
