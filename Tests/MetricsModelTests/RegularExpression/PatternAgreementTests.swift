import TestSupport
import Testing

@testable import MetricsModel

/// Random patterns on random texts: short-cuts answer as RE2 does.
@Suite struct PatternAgreementTests {
    private static let letters = ["a", "b", "k", "S", "é", "\\.", "-", "1", "\\|"]
    private static let characters = [
        "a", "b", "k", "s", "A", "B", "K", "S", "é", "É", ".", "-", "1", "|", "\n", "\u{212A}",
        "\u{17F}",
    ]

    @Test(arguments: 0..<8)
    func `short-cuts agree with the engine`(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed) + 1)
        var answers = [true: 0, false: 0]
        for _ in 0..<300 {
            let pattern = Self.alternatives(depth: 2, using: &random)
            let expression = try RegularExpression(pattern)
            guard let shortcut = PatternShortcut(pattern) else { continue }
            for _ in 0..<30 {
                var text = Self.text(using: &random)
                guard let answer = text.withUTF8({ shortcut.matches($0) }) else { continue }
                answers[answer, default: 0] += 1
                #expect(
                    answer == expression.engineMatches(text),
                    "\(pattern) on \(text.debugDescription)"
                )
                if answer {
                    #expect(text.utf8.starts(with: shortcut.literalPrefix))
                    #expect(shortcut.literals?.contains(text) ?? true)
                }
            }
            for literal in shortcut.literals ?? [] { #expect(expression.engineMatches(literal)) }
        }
        #expect(answers.values.allSatisfy { $0 > 300 }, "\(answers)")
    }

    private static func alternatives(
        depth: Int,
        using random: inout SeededGenerator
    ) -> String {
        let count = Int.random(in: 1...3, using: &random)
        return (0..<count).map { _ in sequence(depth: depth, using: &random) }
            .joined(separator: "|")
    }

    private static func sequence(depth: Int, using random: inout SeededGenerator) -> String {
        let start = Int.random(in: 0..<20, using: &random) == 0 ? "^" : ""
        let end = Int.random(in: 0..<20, using: &random) == 0 ? "$" : ""
        let count = Int.random(in: 0...3, using: &random)
        return start + (0..<count).map { _ in item(depth: depth, using: &random) }.joined() + end
    }

    private static func item(depth: Int, using random: inout SeededGenerator) -> String {
        switch Int.random(in: 0..<24, using: &random) {
        case 0..<3: return ".*"
        case 3: return ".+"
        case 4: return ".+?"
        case 5: return "(?i)"
        case 6: return "a?"
        case 7..<10 where depth > 0:
            let opening = ["(", "(?:", "(?i:", "(?s:"].randomElement(using: &random) ?? "("
            return opening + alternatives(depth: depth - 1, using: &random) + ")"
        default: return letters.randomElement(using: &random) ?? "a"
        }
    }

    private static func text(using random: inout SeededGenerator) -> String {
        let count = Int.random(in: 0...4, using: &random)
        return (0..<count).map { _ in characters.randomElement(using: &random) ?? "a" }.joined()
    }
}
