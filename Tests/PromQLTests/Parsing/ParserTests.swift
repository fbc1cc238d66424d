import MetricsModel
import PromQL
import Testing

@Suite struct ParserTests {
    @Test(arguments: [
        ("1e3", "1000"),
        ("0x1F", "31"),
        ("017", "15"),
        ("-Inf", "-Inf"),
        ("-1 ^ 2", "-1 ^ 2"),
        ("2 ^ -1 * 3", "2 ^ -1 * 3"),
        ("90s", "1m30s"),
        ("'it''s'", nil),
        ("'a\\'b'", #""a'b""#),
        (#""\x41\u00e9\101\xff""#, #""AéA\xff""#),
        ("`a\\b`", #""a\\b""#),
        ("foo{b='x', a=~\"y\",}", #"foo{a=~"y",b="x"}"#),
        ("{\"a.b\", 'l.l'!='v'}", #"{"l.l"!="v",__name__="a.b"}"#),
        ("foo[300] OFFSET -5m @ 1.5", "foo[5m] @ 1.500 offset -5m"),
        ("foo[1h:] @ end()", "foo[1h:] @ end()"),
        ("SUM(x) BY (a, \"b c\",)", #"sum by (a, "b c") (x)"#),
        ("sum by () (x)", "sum(x)"),
        ("sum without () (x)", "sum without () (x)"),
        ("a + ignoring() b", "a + b"),
        ("a * on(x) group_left b", "a * on (x) group_left () b"),
        ("1 + on() a", "1 + a"),
        ("sum + by", "sum + by"),
        ("a # comment\n + b", "a + b"),
        ("foo[-(step()) + 1h]", "foo[-(step()) + 1h]"),
        ("foo offset (5)", "foo offset (5)"),
    ])
    func `queries have a canonical text`(query: String, canonical: String?) {
        #expect((try? Parser.parse(query).description) == canonical)
    }

    @Test(arguments: [
        ("", "unknown position: parse error: no expression found in input"),
        (" ", "1:1: parse error: no expression found in input"),
        ("sum(\n  foo bar)", "2:7: parse error: unexpected identifier \"bar\" in aggregation"),
        ("foo{a=}", "1:7: parse error: unexpected \"}\" in label matching, expected string"),
        (
            "foo[5m 1]",
            #"1:8: parse error: unexpected number "1" in subquery or range, "#
                + #"expected ":" or "]""#
        ),
        (
            "foo[5m:1m 1]",
            #"1:11: parse error: unexpected number "1" in subquery selector, "#
                + #"expected "]""#
        ),
        (
            "rate(foo)",
            "1:6: parse error: expected type range vector in call to function \"rate\", "
                + "got instant vector"
        ),
        (
            "foo @ 1e18",
            "1:1: parse error: timestamp out of bounds for @ modifier: "
                + "1000000000000000000.000000"
        ),
        (
            "1 @ 5",
            "1:1: parse error: @ modifier must be preceded by an instant vector selector or "
                + "range vector selector or a subquery"
        ),
        ("foo[0.0001]", "1:5: parse error: duration must be greater than 0"),
        ("sum by (\"\\xff\") (a)", "1:9: parse error: invalid label name for grouping: \"\\xff\""),
        ("\"\u{FFFD}\"", "1:1: parse error: invalid UTF-8 rune"),
        ("1234567890123 1234567890123", "1:15: parse error: unexpected number \"1234567890\"..."),
        (
            "a + fill(1) b",
            "1:1: parse error: binop fill modifiers are experimental and not enabled"
        ),
    ])
    func `errors have a text and a position`(query: String, message: String) {
        #expect(throws: ParseError.self) { try Parser.parse(query) }
        do {
            _ = try Parser.parse(query)
        } catch {
            #expect(error.description == message)
        }
    }

    @Test(arguments: [
        ("foo{a=~\"*\"}", "missing argument to repetition operator: `*`"),
        ("foo{a=~\"a)\"}", "unexpected ): `a)`"),
        ("foo{a=~\"\\\\8\"}", #"invalid escape sequence: `\8`"#),
        ("foo{a=~\"[b-a]\"}", "invalid character class range: `b-a`"),
        ("foo{a=~\"a**\"}", "invalid nested repetition operator: `**`"),
        ("foo{a=~\"(a\"}", "missing closing ): `(a`"),
        ("foo{a=~\"(?=a)\"}", "invalid or unsupported Perl syntax: `(?=`"),
        ("foo{a=~\"a{1001}\"}", "invalid repeat count: `{1001}`"),
    ])
    func `invalid regular expressions are explained`(query: String, message: String) {
        do {
            _ = try Parser.parse(query)
            Issue.record("\(query) was accepted")
        } catch {
            #expect(error.description == "1:5: parse error: error parsing regexp: \(message)")
        }
    }

    @Test func `experimental parts need their switch`() throws {
        for (query, feature) in [
            ("limitk(1, a)", LanguageFeatures.experimentalFunctions),
            ("start()", .experimentalFunctions),
            ("a[step()]", .durationExpressions),
            ("a[1m] anchored", .extendedRangeSelectors),
            ("a + fill(0) b", .fillModifiers),
        ] {
            #expect(throws: ParseError.self) { try Parser.parse(query, features: []) }
            _ = try Parser.parse(query, features: feature)
        }
    }

    @Test func `large fill values have an exponent`() throws {
        let expression = try Parser.parse("a + fill(1000000) b", features: .all)
        #expect(expression.description == "a + fill (1e+06) b")
    }

    @Test func `the tree holds positions and modifiers`() throws {
        let query = #"sum by (a) (rate(foo{b!="c"}[5m] @ start() offset 1m)) / on (a) 2 ^ x"#
        guard case .binary(let division) = try Parser.parse(query),
            case .aggregation(let sum) = division.left,
            case .call(let rate) = sum.expression,
            case .matrixSelector(let matrix) = rate.arguments.first
        else {
            Issue.record("unexpected tree")
            return
        }
        #expect(division.operation == .divide)
        #expect(division.matching?.labels == ["a"])
        #expect(division.sourceRange == SourceRange(start: 0, end: query.utf8.count))
        #expect(sum.sourceRange == SourceRange(start: 0, end: 54))
        #expect(sum.grouping == ["a"])
        #expect(rate.function == .rate)
        #expect(matrix.range == 300_000)
        #expect(matrix.sourceRange == SourceRange(start: 17, end: 52))
        #expect(matrix.selector.sourceRange == SourceRange(start: 17, end: 28))
        #expect(matrix.selector.shift.at == .start)
        #expect(matrix.selector.shift.offset == 60_000)
        #expect(
            matrix.selector.matchers == [
                try LabelMatcher(name: "b", operation: .notEqual, value: "c"),
                LabelMatcher(name: "__name__", equals: "foo"),
            ]
        )
    }

    @Test func `matching is kept between vectors only`() throws {
        for (query, cardinality) in [
            ("a and b", VectorMatching.Cardinality.manyToMany), ("a + b", .oneToOne),
            ("a + on (x) group_right b", .oneToMany),
        ] {
            guard case .binary(let binary) = try Parser.parse(query) else {
                Issue.record("\(query) is no binary operation")
                continue
            }
            #expect(binary.matching?.cardinality == cardinality)
        }
        guard case .binary(let binary) = try Parser.parse("a + 1") else {
            Issue.record("a + 1 is no binary operation")
            return
        }
        #expect(binary.matching == nil)
    }

    @Test func `strings keep bytes that are not text`() throws {
        guard case .string(let literal) = try Parser.parse(#""a\xff""#) else {
            Issue.record("no string")
            return
        }
        #expect(literal.value == "a\u{FFFD}")
        #expect(literal.invalidBytes == [0x61, 0xFF])
    }

    @Test func `selectors are parsed alone`() throws {
        let selector = try Parser.parseSelector(#"foo{a="b"}"#)
        #expect(selector.name == "foo")
        #expect(selector.matchers.count == 2)
        #expect(try Parser.parseSelector(#"{a=""}"#).matchers.count == 1)
        for text in ["", "1", "foo[5m]", "foo offset 5m", "rate(foo)", "foo bar", "on"] {
            #expect(throws: ParseError.self) { try Parser.parseSelector(text) }
        }
    }

    @Test func `every function can be called with arguments of its types`() throws {
        for function in Function.allCases where function != .info {
            let arguments = function.signature.argumentTypes.map { type in
                switch type {
                case .scalar: "1"
                case .vector: "v"
                case .matrix: "m[5m]"
                case .string: #""s""#
                }
            }
            let query = "\(function.rawValue)(\(arguments.joined(separator: ", ")))"
            let expression = try Parser.parse(query, features: .all)
            #expect(expression.description == query)
            #expect(expression.valueType == function.signature.returnType)
            guard function.signature.variadic >= 0 else { continue }
            let tooMany = Array(repeating: "v", count: 20).joined(separator: ", ")
            #expect(throws: ParseError.self) {
                try Parser.parse("\(function.rawValue)(\(tooMany))", features: .all)
            }
        }
    }
}
