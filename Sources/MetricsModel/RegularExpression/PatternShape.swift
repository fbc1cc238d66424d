/// One alternative of a pattern: literals with gaps of any bytes between them.
struct PatternShape: Sendable {
    /// One more than there are gaps; only the first and the last may be empty.
    private(set) var literals: [LiteralText]
    /// How many bytes each gap has at least: 0 for `.*`, 1 for `.+`.
    private(set) var gaps: [Int]

    /// Matches nothing but the empty text.
    static let empty = PatternShape(literals: [.empty], gaps: [])

    /// Matches any text of at least so many bytes.
    static func gap(atLeast minimum: Int) -> PatternShape {
        PatternShape(literals: [.empty, .empty], gaps: [minimum])
    }

    static func literal(_ text: LiteralText) -> PatternShape {
        PatternShape(literals: [text], gaps: [])
    }

    private init(literals: [LiteralText], gaps: [Int]) {
        self.literals = literals
        self.gaps = gaps
    }

    var first: LiteralText { literals[0] }

    /// The literal that this is, if it has no gaps.
    var literal: LiteralText? { gaps.isEmpty ? first : nil }

    var matchesEverything: Bool { gaps == [0] && literals.allSatisfy { $0.size == 0 } }

    var foldsBeyondASCII: Bool { literals.contains { $0.foldsBeyondASCII } }

    /// What it costs to copy, about, in bytes.
    var size: Int { literals.reduce(gaps.count + 1) { $0 + $1.size } }

    /// This and then the other.
    ///
    /// - Returns: nil where that is no shape: case counts in a part of a literal only, or a gap has two
    ///   characters at least, which are not two bytes.
    func followed(by other: PatternShape) -> PatternShape? {
        guard let last = literals.last, let joint = last.joined(with: other.first) else {
            return nil
        }
        var result = self
        result.literals.removeLast()
        if joint.size == 0, let before = gaps.last, let after = other.gaps.first {
            guard before + after < 2 else { return nil }
            result.gaps[gaps.count - 1] = before + after
            result.gaps += other.gaps.dropFirst()
        } else {
            result.literals.append(joint)
            result.gaps += other.gaps
        }
        result.literals += other.literals.dropFirst()
        return result
    }
}
