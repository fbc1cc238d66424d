import Testing

@testable import MetricsModel

@Suite struct PatternShortcutTests {
    private static func matches(_ pattern: String, _ text: String) -> Bool? {
        var text = text
        return PatternShortcut(pattern)?.matches(&text)
    }

    @Test(
        arguments: [
            // Literals
            ("", ["": true, "a": false]),
            ("foo", ["foo": true, "fo": false, "fooo": false, "FOO": false]),
            (#"a\.b\-c\\"#, [#"a.b-c\"#: true, #"axb-c\"#: false]),
            ("grüße", ["grüße": true, "grusse": false]),
            ("^foo$", ["foo": true, "^foo$": false]),
            // Alternatives
            ("a|b|", ["a": true, "b": true, "": true, "c": false, "a|b|": false]),
            ("(a|b)-x", ["a-x": true, "b-x": true, "-x": false, "a": false]),
            ("x-(a|(?:b|c)d)-(1|2)", ["x-a-1": true, "x-cd-2": true, "x-c-2": false]),
            ("^a$|^b", ["a": true, "b": true, "ab": false]),
            // Gaps at the end, at the start, on both sides, between
            ("foo.*", ["foo": true, "foobar": true, "fo": false, "xfoo": false, "foo\n": true]),
            ("foo.+", ["foo": false, "fooé": true, "foo\n": true]),
            (".*foo", ["foo": true, "xfoo": true, "foox": false]),
            (".+?foo", ["foo": false, "foofoo": true]),
            (".*", ["": true, "\n": true]), (".+", ["": false, "\n": true]),
            (".*foo.*", ["": false, "foo": true, "fofoofo": true, "fofo": false]),
            (".+foo.+", ["foo": false, "foofoo": false, "xfoox": true, "foofoofoo": true]),
            ("a.*b.+c", ["abxc": true, "abc": false, "abbc": true, "a\nbcc": true, "ab": false]),
            ("ab.*ba", ["aba": false, "abba": true]),
            (".*.+.*", ["": false, "x": true]), (".*(a|b).*", ["xbx": true, "xcx": false]),
            // Either case
            ("(?i)Foo-1", ["foo-1": true, "FOO-1": true, "fo-1": false, "foo\u{11}1": false]),
            ("(?i:a|b)|c", ["A": true, "b": true, "c": true, "C": false]),
            ("(?i).*error.*", ["an ERROR occurred": true, "erro": false]),
            ("1(?i)a|b", ["1A": true, "B": true]),
            ("(?is:A.*)", ["a\n": true, "ba": false]),
            // Mixed
            ("foo|ba.+|(?i:x)", ["foo": true, "ba": false, "bar": true, "X": true, "FOO": false]),
        ] as [(String, [String: Bool])]
    )
    func `patterns of literals and gaps are answered`(
        pattern: String,
        expected: [String: Bool]
    ) throws {
        for (text, answer) in expected {
            #expect(Self.matches(pattern, text) == answer, "\(pattern) on \(text)")
            #expect(try RegularExpression(pattern).engineMatches(text) == answer, "\(text)")
        }
    }

    @Test(arguments: [
        "a?", "a*", "(a|b)+", "(a)?", "a{2}", ".", ".?", "a.b", "[ab]", #"\d"#, #"\x41"#,
        #"\Qa.b\E"#,
        "(?P<n>a)", "(?-s).*", "(?U)a.*", "(?m)^a$", "(^a)", "a$b", ".+.+", ".*{2}", "é*", "(?i)é",
        "a(?i)b", #"\pL"#, #"\bfoo"#,
    ])
    func `all else is left to the engine`(pattern: String) {
        #expect(PatternShortcut(pattern) == nil)
    }

    @Test func `letters outside of ASCII that fold to it are left to the engine`() throws {
        let expression = try RegularExpression("(?i)kiss")
        #expect(Self.matches("(?i)kiss", "KISS") == true)
        #expect(Self.matches("(?i)kiss", "\u{212A}is\u{17F}") == nil)
        #expect(expression.matches("\u{212A}is\u{17F}"))
        #expect(!expression.matches("\u{212A}is\u{DF}"))
        #expect(Self.matches("(?i)abc", "abé") == false)
    }

    @Test func `bytes that are no text pass gaps`() throws {
        let bytes: [UInt8] = [0x61, 0xFF, 0x62]
        for (pattern, answer) in [(".*", true), ("a.*b", true), ("a.+", true), ("a.*c", false)] {
            let expression = try RegularExpression(pattern)
            #expect(bytes.withUnsafeBufferPointer { expression.matches($0) } == answer)
        }
    }

    @Test(
        arguments: [
            ("a|b|a", ["a", "b"]), ("(b|a)-(2|1)", ["a-1", "a-2", "b-1", "b-2"]), ("x", ["x"]),
            ("a|", ["", "a"]), ("e\u{301}|\u{E9}", ["e\u{301}", "\u{E9}"]), ("a|b.*", nil),
            ("(?i)a|b", nil), ("(?i)1|2", ["1", "2"]), ("[ab]", nil),
        ] as [(String, [String]?)]
    )
    func `the texts that match are known`(pattern: String, literals: [String]?) throws {
        let found = try RegularExpression(pattern).literals
        #expect(found?.map { Array($0.utf8) } == literals?.map { Array($0.utf8) })
    }

    @Test(arguments: [
        ("foo", "foo"), ("foo.*", "foo"), ("foo-(a|b).+", "foo-"), ("foo|fox.*|fo", "fo"),
        (".*foo", ""), ("(?i)foo.*", ""), ("a|(?i)a", ""), ("(?i)1-2.*", "1-2"), ("a|b", ""),
        ("foo[0-9]", ""),
    ])
    func `the start of all matches is known`(pattern: String, prefix: String) throws {
        #expect(try RegularExpression(pattern).literalPrefix == Array(prefix.utf8))
    }

    @Test func `what matches everything is known`() throws {
        for (pattern, answer) in [(".*", true), ("a|.*", true), (".+", false), ("(.*)", true)] {
            #expect(try RegularExpression(pattern).matchesEverything == answer)
        }
    }

    @Test func `expansions and alternatives with gaps are bounded`() throws {
        let group = "(" + (0..<100).map { "value\($0)" }.joined(separator: "|") + ")"
        #expect(PatternShortcut(group + "-x")?.literals?.count == 100)
        #expect(PatternShortcut(group + group) == nil)
        let nested = String(repeating: "(", count: 100) + "a" + String(repeating: ")", count: 100)
        #expect(PatternShortcut(nested) == nil)
        #expect(try RegularExpression(nested).matches("a"))
        let gaps = (0..<PatternShortcut.maximumShapeCount).map { "a\($0).*" }
        #expect(PatternShortcut(gaps.joined(separator: "|")) != nil)
        #expect(PatternShortcut((gaps + ["b.*"]).joined(separator: "|")) == nil)
        #expect(PatternShortcut(String(repeating: ".*a", count: 5000)) == nil)
    }

    @Test func `large sets are searched`() throws {
        let values = (0..<20_000).map { "host-\($0 * 7)" }
        let shortcut = try #require(PatternShortcut(values.joined(separator: "|")))
        for value in values.prefix(500) + values.suffix(500) {
            var value = value
            #expect(shortcut.matches(&value) == true)
            value += "0"
            var changed = "host-" + String(value.dropFirst(5).reversed())
            #expect(shortcut.matches(&changed) == values.contains(changed))
        }
    }
}

extension PatternShortcut {
    fileprivate func matches(_ text: inout String) -> Bool? { text.withUTF8 { matches($0) } }
}

extension RegularExpression {
    func engineMatches(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { engineMatches($0) }
    }
}
