import MetricsModel
import Testing

@Suite struct LabelMatcherTests {
    @Test(arguments: [
        (LabelMatcher.Operation.equal, "a", "a", true), (.equal, "a", "ab", false),
        (.notEqual, "a", "a", false), (.notEqual, "a", "", true),
        (.matches, "a|bc", "bc", true), (.matches, "a|bc", "b", false),
        (.matches, "a.*", "abc", true), (.matches, "b", "abc", false),
        (.matches, ".*", "", true), (.matches, ".+", "", false), (.matches, "a.b", "a\nb", true),
        (.matches, "a||b", "", true), (.notMatches, "a.*", "abc", false),
        (.notMatches, "a.*", "b", true), (.matches, "", "", true), (.matches, "", "a", false),
        (.matches, "(?i)AB", "ab", true), (.matches, "a|b.*", "ac", false),
    ])
    func `operations test the whole value`(
        operation: LabelMatcher.Operation,
        pattern: String,
        value: String,
        expected: Bool
    ) throws {
        let matcher = try LabelMatcher(name: "x", operation: operation, value: pattern)
        #expect(matcher.matches(value) == expected)
    }

    @Test func `an absent label has the empty value`() throws {
        let labels: Labels = ["a": "1"]
        #expect([try LabelMatcher(name: "b", operation: .matches, value: "x?")].allMatch(labels))
        #expect(![LabelMatcher(name: "b", equals: "x")].allMatch(labels))
        #expect([LabelMatcher(name: "b", equals: "")].allMatch(labels))
    }

    @Test func `alternatives are known as literals`() throws {
        #expect(
            try LabelMatcher(name: "a", operation: .matches, value: "x|y").literals == ["x", "y"]
        )
        #expect(try LabelMatcher(name: "a", operation: .matches, value: "x.").literals == nil)
        #expect(LabelMatcher(name: "a", equals: "x").literals == ["x"])
    }

    @Test func `what passes everything or starts alike is known`() throws {
        #expect(try LabelMatcher(name: "a", operation: .matches, value: ".*").matchesEverything)
        #expect(try !LabelMatcher(name: "a", operation: .notMatches, value: ".*").matchesEverything)
        #expect(!LabelMatcher(name: "a", equals: ".*").matchesEverything)
        #expect(LabelMatcher(name: "a", equals: "x").literalPrefix == [0x78])
        #expect(
            try LabelMatcher(name: "a", operation: .matches, value: "x.*").literalPrefix == [0x78]
        )
        #expect(
            try LabelMatcher(name: "a", operation: .notMatches, value: "x.*").literalPrefix == []
        )
    }

    @Test func `a bad expression is refused with its fault`() {
        #expect(throws: RegularExpressionError.self) {
            try LabelMatcher(name: "a", operation: .matches, value: "a(")
        }
        let error = #expect(throws: RegularExpressionError.self) { try RegularExpression("a[") }
        #expect(error?.code == .missingBracket)
    }

    @Test func `groups of a match are returned`() throws {
        let expression = try RegularExpression("(?P<host>.*):(\\d+)(x)?")
        #expect(expression.groupCount == 3)
        #expect(expression.groupIndex(named: "host") == 1)
        #expect(expression.captures(in: "node:9100") == ["node:9100", "node", "9100", nil])
        #expect(expression.captures(in: "node") == nil)
    }
}
