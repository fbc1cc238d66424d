import PromQL
import Testing

@Suite struct ParserLimitTests {
    private static func wrapped(
        _ open: String,
        _ inner: String,
        _ close: String,
        _ count: Int
    )
        -> String
    {
        String(repeating: open, count: count) + inner + String(repeating: close, count: count)
    }

    @Test(arguments: [
        ("(", "a", ")"), ("abs(", "a", ")"), ("sum(", "a", ")"), ("-", "a", ""),
        ("a ^ ", "a", ""), ("sum by (x) (", "a{b=~\"c.*\"}", ")"),
    ])
    func `nesting is bounded`(open: String, inner: String, close: String) throws {
        let allowed = Parser.maximumNesting - 1
        let deepest = try Parser.parse(Self.wrapped(open, inner, close, allowed))
        #expect(!deepest.pretty.isEmpty)
        for count in [allowed + 1, 50_000] {
            let query = Self.wrapped(open, inner, close, count)
            do {
                _ = try Parser.parse(query)
                Issue.record("\(count) levels were accepted")
            } catch {
                #expect(error.message == "expression is nested deeper than 100 levels")
            }
        }
    }

    @Test func `durations are bounded too`() {
        for query in [
            "a[\(Self.wrapped("(", "step()", ")", 10_000))]",
            "a[\(Self.wrapped("-", "1", "", 10_000))]",
            "a[1\(String(repeating: "+1", count: 10_000))]",
            "a offset (\(Self.wrapped("max_of(1,", "1", ")", 10_000)))",
        ] {
            #expect(throws: ParseError.self) { try Parser.parse(query) }
        }
    }

    @Test func `chains are bounded by the depth of the tree`() throws {
        let longest = Array(repeating: "a", count: Parser.maximumDepth).joined(separator: "+")
        #expect(try Parser.parse(longest).description.utf8.count == 4 * Parser.maximumDepth - 3)
        #expect(throws: ParseError.self) { try Parser.parse(longest + "+a") }
        let ranges = "a" + String(repeating: "[1m:]", count: 10_000)
        #expect(throws: ParseError.self) { try Parser.parse(ranges) }
    }

    @Test func `the length is bounded`() throws {
        let longest = String(repeating: "a", count: Parser.maximumLength)
        #expect(try Parser.parse(longest).description.utf8.count == Parser.maximumLength)
        #expect(throws: ParseError.self) { try Parser.parse(longest + "a") }
        #expect(throws: ParseError.self) { try Parser.parseSelector(longest + "a") }
    }
}
